/// What PREPARE tells the agent: the work that a template does once, so that no machine made of it has to.
///
/// Body: base as in `BaseConfiguration`, argv list of bytes, env list of bytes, limit u32 (milliseconds).
public struct Preparation: Equatable, Sendable {
    public var base: BaseConfiguration
    /// A cheap start of the tool, as the base's user, whose files are in memory afterwards; empty: nothing is started.
    public var arguments: [[UInt8]]
    public var environment: [[UInt8]]
    /// How long that start may take; it is ended then, and the machine is as good without it.
    public var limitMilliseconds: UInt32

    public init(
        base: BaseConfiguration, arguments: [[UInt8]], environment: [[UInt8]], limitMilliseconds: UInt32
    ) {
        self.base = base
        self.arguments = arguments
        self.environment = environment
        self.limitMilliseconds = limitMilliseconds
    }
}

extension Preparation {
    func write(to writer: inout ByteWriter) {
        base.write(to: &writer)
        writer.list(arguments) { $0.data($1) }
        writer.list(environment) { $0.data($1) }
        writer.integer(limitMilliseconds)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        base = try BaseConfiguration(from: &reader)
        arguments = try reader.list(itemBytes: 4) { (reader: inout ByteReader) throws(WireError) in try reader.data() }
        environment = try reader.list(itemBytes: 4) { (reader: inout ByteReader) throws(WireError) in
            try reader.data()
        }
        limitMilliseconds = try reader.integer()
    }
}
