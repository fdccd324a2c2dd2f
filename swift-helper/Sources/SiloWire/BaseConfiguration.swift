/// What of a machine's configuration is the same in every run of a tool by a person: a template does this work once,
/// before its snapshot, and no machine that is made of it has to.
///
/// Body: hostname bytes, scratch u8 (0 memory, 1 disk, 2 root), user {uid u32, gid u32, name bytes, home bytes,
/// shell bytes}, network u8 (0 none, 1 through streams), certificates bytes.
public struct BaseConfiguration: Equatable, Sendable {
    /// 1 to 64 bytes.
    public var hostname: [UInt8]
    public var scratch: Scratch
    public var user: User
    /// Whether the agent serves a proxy, DNS and addresses of its own, each connection a stream to the host.
    public var hasNetwork: Bool
    /// Certificate authorities (PEM) to trust beside those of the image; may be empty.
    public var certificates: [UInt8]

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

    public init(
        hostname: [UInt8], scratch: Scratch, user: User, hasNetwork: Bool = false, certificates: [UInt8] = []
    ) {
        self.hostname = hostname
        self.scratch = scratch
        self.user = user
        self.hasNetwork = hasNetwork
        self.certificates = certificates
    }

    /// Whether the root's own disk is written to.
    public var keepsRoot: Bool { scratch == .root }
}

extension BaseConfiguration {
    func write(to writer: inout ByteWriter) {
        writer.data(hostname)
        writer.integer(scratch.rawValue)
        writer.integer(user.uid)
        writer.integer(user.gid)
        writer.data(user.name)
        writer.data(user.home)
        writer.data(user.shell)
        writer.boolean(hasNetwork)
        writer.data(certificates)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        hostname = try reader.data()
        guard let scratch = Scratch(rawValue: try reader.integer()) else { throw .badControl("unknown scratch kind") }
        self.scratch = scratch
        user = User(
            uid: try reader.integer(), gid: try reader.integer(), name: try reader.data(), home: try reader.data(),
            shell: try reader.data())
        hasNetwork = try reader.boolean()
        certificates = try reader.data()
        guard (1...64).contains(hostname.count) else { throw .badControl("a hostname has 1 to 64 bytes") }
    }
}
