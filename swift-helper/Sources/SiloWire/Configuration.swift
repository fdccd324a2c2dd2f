/// What CONFIGURE tells the agent: everything about this machine that is not in the root file system.
///
/// Body, in this order (`bytes` and `list` as in `docs/protocol.md`):
/// base as in `BaseConfiguration`, clock u64, entropy bytes, machine id bytes (16), authority bytes,
/// shares list of {tag bytes, subpath bytes, guest path bytes, read-only u8, msize u32},
/// sysctls list of {name bytes, value bytes}, open files u32 (soft) and u32 (hard), processes u32 (0: no limit),
/// ssh agent u8, watch ports u8.
public struct Configuration: Equatable, Sendable {
    /// In a machine that was prepared: what it was prepared with.
    public var base: BaseConfiguration
    /// Nanoseconds since 1970 (UTC): the guest's clock is set to it.
    public var clockNanoseconds: UInt64
    /// Fresh random bytes, 32 to 512, credited to the kernel's pool before any user code runs.
    public var entropy: [UInt8]
    /// 16 bytes for /etc/machine-id.
    public var machineID: [UInt8]
    /// Certificate authorities (PEM) of this run alone, trusted beside the base's; may be empty.
    public var authority: [UInt8]
    public var shares: [Share]
    /// Kernel settings, `name` as in `kernel.pid_max` (or with slashes).
    public var sysctls: [Sysctl]
    /// RLIMIT_NOFILE of processes.
    public var openFilesSoft: UInt32
    public var openFilesHard: UInt32
    /// pids.max of all tools together; 0: no limit but the kernel's.
    public var processes: UInt32
    /// Whether the agent serves a socket for ssh, each connection a stream to the host.
    public var passesSSHAgent: Bool
    /// Whether the agent tells which ports servers listen on.
    public var watchesPorts: Bool

    /// A directory or file of the host.
    public struct Share: Equatable, Sendable {
        /// 9p mount tag; empty: no share, but something empty of the guest's own that hides what is at the guest path.
        public var tag: [UInt8]
        /// Relative path inside the share that is mounted; empty: all of it.
        public var subpath: [UInt8]
        /// Absolute path in the guest; made if it is missing.
        public var guestPath: [UInt8]
        public var readOnly: Bool
        /// 9p message size in bytes; 0: 512,000.
        public var messageBytes: UInt32

        public init(
            tag: [UInt8], subpath: [UInt8] = [], guestPath: [UInt8], readOnly: Bool, messageBytes: UInt32 = 0
        ) {
            self.tag = tag
            self.subpath = subpath
            self.guestPath = guestPath
            self.readOnly = readOnly
            self.messageBytes = messageBytes
        }
    }

    public struct Sysctl: Equatable, Sendable {
        public var name: [UInt8]
        public var value: [UInt8]

        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    public init(
        base: BaseConfiguration, clockNanoseconds: UInt64, entropy: [UInt8], machineID: [UInt8],
        authority: [UInt8] = [], shares: [Share], sysctls: [Sysctl] = [], openFilesSoft: UInt32 = 65_536,
        openFilesHard: UInt32 = 1_048_576, processes: UInt32 = 0, passesSSHAgent: Bool = false,
        watchesPorts: Bool = false
    ) {
        self.base = base
        self.clockNanoseconds = clockNanoseconds
        self.entropy = entropy
        self.machineID = machineID
        self.authority = authority
        self.shares = shares
        self.sysctls = sysctls
        self.openFilesSoft = openFilesSoft
        self.openFilesHard = openFilesHard
        self.processes = processes
        self.passesSSHAgent = passesSSHAgent
        self.watchesPorts = watchesPorts
    }
}

extension Configuration {
    func write(to writer: inout ByteWriter) {
        base.write(to: &writer)
        writer.integer(clockNanoseconds)
        writer.data(entropy)
        writer.data(machineID)
        writer.data(authority)
        writer.list(shares) { writer, share in
            writer.data(share.tag)
            writer.data(share.subpath)
            writer.data(share.guestPath)
            writer.boolean(share.readOnly)
            writer.integer(share.messageBytes)
        }
        writer.list(sysctls) { writer, sysctl in
            writer.data(sysctl.name)
            writer.data(sysctl.value)
        }
        writer.integer(openFilesSoft)
        writer.integer(openFilesHard)
        writer.integer(processes)
        writer.boolean(passesSSHAgent)
        writer.boolean(watchesPorts)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        base = try BaseConfiguration(from: &reader)
        clockNanoseconds = try reader.integer()
        entropy = try reader.data()
        machineID = try reader.data()
        authority = try reader.data()
        shares = try reader.list(itemBytes: 17) { (reader: inout ByteReader) throws(WireError) -> Share in
            Share(
                tag: try reader.data(), subpath: try reader.data(), guestPath: try reader.data(),
                readOnly: try reader.boolean(), messageBytes: try reader.integer())
        }
        sysctls = try reader.list(itemBytes: 8) { (reader: inout ByteReader) throws(WireError) -> Sysctl in
            Sysctl(name: try reader.data(), value: try reader.data())
        }
        openFilesSoft = try reader.integer()
        openFilesHard = try reader.integer()
        processes = try reader.integer()
        passesSSHAgent = try reader.boolean()
        watchesPorts = try reader.boolean()
        guard machineID.count == 16 else { throw .badControl("a machine id has 16 bytes") }
        guard entropy.count <= 512 else { throw .badControl("entropy has at most 512 bytes") }
    }
}
