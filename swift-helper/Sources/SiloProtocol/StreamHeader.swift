/// The first line of a connection to the data socket.
public struct StreamHeader: Sendable, Equatable, Codable {
    public enum Stream: String, Sendable, Codable, CaseIterable { case stdin, stdout, stderr, terminal }

    /// The longest line a reader takes, with its line feed.
    public static let maximumBytes = 4_096

    public var process: UInt32
    public var stream: Stream

    public init(process: UInt32, stream: Stream) {
        self.process = process
        self.stream = stream
    }

    /// The line as it goes over the wire.
    public var line: [UInt8] { Array("{\"process\":\(process),\"stream\":\"\(stream.rawValue)\"}\n".utf8) }
}

/// The first line of a connection that carries a stream which the guest opened.
public enum GuestStreamHeader: Sendable, Equatable {
    /// HTTP or SOCKS of the guest's proxy port.
    case proxy
    /// DNS messages, each behind its length.
    case dns
    /// A connection that a program made to one of the agent's addresses; `address` in dotted form.
    case direct(address: String, port: UInt16)

    /// The line as it goes over the wire.
    public var line: [UInt8] {
        let via =
            switch self {
            case .proxy: "\"proxy\""
            case .dns: "\"dns\""
            case .direct(let address, let port): "\"direct\",\"address\":\"\(address)\",\"port\":\(port)"
            }
        return Array("{\"stream\":\"egress\",\"via\":\(via)}\n".utf8)
    }
}
