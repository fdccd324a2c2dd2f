/// What PREPARE tells the agent: the work that a template does once, so that no machine made of it has to.
///
/// Body: argv list of bytes, env list of bytes, uid u32, gid u32, limit u32 (milliseconds).
public struct Preparation: Equatable, Sendable {
    /// A cheap start of the tool, whose files are in memory afterwards; empty: nothing is started.
    public var arguments: [[UInt8]]
    public var environment: [[UInt8]]
    public var uid: UInt32
    public var gid: UInt32
    /// How long that start may take; it is ended then, and the machine is as good without it.
    public var limitMilliseconds: UInt32

    public init(
        arguments: [[UInt8]], environment: [[UInt8]], uid: UInt32, gid: UInt32, limitMilliseconds: UInt32
    ) {
        self.arguments = arguments
        self.environment = environment
        self.uid = uid
        self.gid = gid
        self.limitMilliseconds = limitMilliseconds
    }
}

extension Preparation {
    func write(to writer: inout ByteWriter) {
        writer.list(arguments) { $0.data($1) }
        writer.list(environment) { $0.data($1) }
        writer.integer(uid)
        writer.integer(gid)
        writer.integer(limitMilliseconds)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        arguments = try reader.list(itemBytes: 4) { (reader: inout ByteReader) throws(WireError) in try reader.data() }
        environment = try reader.list(itemBytes: 4) { (reader: inout ByteReader) throws(WireError) in
            try reader.data()
        }
        uid = try reader.integer()
        gid = try reader.integer()
        limitMilliseconds = try reader.integer()
    }
}
