/// Asks for a connection to a server on the guest's loopback; it arrives on the data socket under the number `stream`.
public struct StreamOpenParameters: Sendable, Equatable {
    public var stream: UInt32
    /// In the guest.
    public var port: UInt16

    public init(stream: UInt32, port: UInt16) {
        self.stream = stream
        self.port = port
    }
}

extension StreamOpenParameters: Codable {
    enum CodingKeys: String, CodingKey { case stream, port }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        stream = try container.integer(.stream, in: 1...(.max))
        port = try container.integer(.port, in: 1...(.max))
    }
}

/// The ports that servers in the guest listen on have changed.
public struct PortsListening: Sendable, Equatable, Codable {
    /// All of them.
    public var ports: [UInt16]

    public init(ports: [UInt16]) { self.ports = ports }
}
