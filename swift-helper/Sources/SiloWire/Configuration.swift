/// What CONFIGURE tells the agent: everything about this machine that is not in the root file system.
///
/// Body, in this order (`bytes` and `list` as in `docs/protocol.md`):
/// clock u64, entropy bytes, machine id bytes (16), hostname bytes, scratch u8 (0 memory, 1 disk, 2 root),
/// user {uid u32, gid u32, name bytes, home bytes, shell bytes},
/// shares list of {tag bytes, subpath bytes, guest path bytes, read-only u8, msize u32},
/// sysctls list of {name bytes, value bytes}, open files u32 (soft) and u32 (hard), processes u32 (0: no limit),
/// network u8 (0 none, 1 through streams), certificates bytes, ssh agent u8, watch ports u8.
public struct Configuration: Equatable, Sendable {
    /// Nanoseconds since 1970 (UTC): the guest's clock is set to it.
    public var clockNanoseconds: UInt64
    /// Fresh random bytes, 32 to 512, credited to the kernel's pool before any user code runs.
    public var entropy: [UInt8]
    /// 16 bytes for /etc/machine-id.
    public var machineID: [UInt8]
    /// 1 to 64 bytes.
    public var hostname: [UInt8]
    public var scratch: Scratch
    public var user: User
    public var shares: [Share]
    /// Kernel settings, `name` as in `kernel.pid_max` (or with slashes).
    public var sysctls: [Sysctl]
    /// RLIMIT_NOFILE of processes.
    public var openFilesSoft: UInt32
    public var openFilesHard: UInt32
    /// pids.max of all tools together; 0: no limit but the kernel's.
    public var processes: UInt32
    /// Whether the agent serves a proxy, DNS and addresses of its own, each connection a stream to the host.
    public var hasNetwork: Bool
    /// Certificate authorities (PEM) to trust beside those of the image; may be empty.
    public var certificates: [UInt8]
    /// Whether the agent serves a socket for ssh, each connection a stream to the host.
    public var passesSSHAgent: Bool
    /// Whether the agent tells which ports servers listen on.
    public var watchesPorts: Bool

    /// Where the writable layer lives.
    public enum Scratch: UInt8, Sendable {
        /// A tmpfs: writes take the guest's memory.
        case memory = 0
        /// The ext4 on the disk with serial "scratch".
        case disk = 1
        /// None: the root's own disk is writable, and what is written to it stays.
        case root = 2
    }

    /// Who the tool runs as; gets an entry in passwd, group and shadow if the uid has none, and a home.
    public struct User: Equatable, Sendable {
        public var uid: UInt32
        public var gid: UInt32
        public var name: [UInt8]
        public var home: [UInt8]
        public var shell: [UInt8]

        public init(uid: UInt32, gid: UInt32, name: [UInt8], home: [UInt8], shell: [UInt8]) {
            self.uid = uid
            self.gid = gid
            self.name = name
            self.home = home
            self.shell = shell
        }
    }

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
        clockNanoseconds: UInt64, entropy: [UInt8], machineID: [UInt8], hostname: [UInt8], scratch: Scratch,
        user: User, shares: [Share], sysctls: [Sysctl] = [], openFilesSoft: UInt32 = 65_536,
        openFilesHard: UInt32 = 1_048_576, processes: UInt32 = 0, hasNetwork: Bool = false,
        certificates: [UInt8] = [], passesSSHAgent: Bool = false, watchesPorts: Bool = false
    ) {
        self.clockNanoseconds = clockNanoseconds
        self.entropy = entropy
        self.machineID = machineID
        self.hostname = hostname
        self.scratch = scratch
        self.user = user
        self.shares = shares
        self.sysctls = sysctls
        self.openFilesSoft = openFilesSoft
        self.openFilesHard = openFilesHard
        self.processes = processes
        self.hasNetwork = hasNetwork
        self.certificates = certificates
        self.passesSSHAgent = passesSSHAgent
        self.watchesPorts = watchesPorts
    }
}

extension Configuration {
    func write(to writer: inout ByteWriter) {
        writer.integer(clockNanoseconds)
        writer.data(entropy)
        writer.data(machineID)
        writer.data(hostname)
        writer.integer(scratch.rawValue)
        writer.integer(user.uid)
        writer.integer(user.gid)
        writer.data(user.name)
        writer.data(user.home)
        writer.data(user.shell)
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
        writer.boolean(hasNetwork)
        writer.data(certificates)
        writer.boolean(passesSSHAgent)
        writer.boolean(watchesPorts)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        clockNanoseconds = try reader.integer()
        entropy = try reader.data()
        machineID = try reader.data()
        hostname = try reader.data()
        guard let scratch = Scratch(rawValue: try reader.integer()) else { throw .badControl("unknown scratch kind") }
        self.scratch = scratch
        user = User(
            uid: try reader.integer(), gid: try reader.integer(), name: try reader.data(), home: try reader.data(),
            shell: try reader.data())
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
        hasNetwork = try reader.boolean()
        certificates = try reader.data()
        passesSSHAgent = try reader.boolean()
        watchesPorts = try reader.boolean()
        guard machineID.count == 16 else { throw .badControl("a machine id has 16 bytes") }
        guard (1...64).contains(hostname.count) else { throw .badControl("a hostname has 1 to 64 bytes") }
        guard entropy.count <= 512 else { throw .badControl("entropy has at most 512 bytes") }
    }
}
