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

/// The first line of a connection that carries a stream of no process: the guest opened it, or `stream/open` asked
/// for it.
public enum GuestStreamHeader: Sendable, Equatable {
    /// HTTP or SOCKS of the guest's proxy port.
    case proxy
    /// DNS messages, each behind its length.
    case dns
    /// A connection that a program made to one of the agent's addresses; `address` in dotted form.
    case direct(address: String, port: UInt16)
    /// A connection to the guest's ssh-agent socket.
    case sshAgent
    /// The connection to a port of the guest that `stream/open` asked for under this number.
    case port(stream: UInt32)

    /// The line as it goes over the wire.
    public var line: [UInt8] {
        let fields =
            switch self {
            case .proxy: "\"egress\",\"via\":\"proxy\""
            case .dns: "\"egress\",\"via\":\"dns\""
            case .direct(let address, let port):
                "\"egress\",\"via\":\"direct\",\"address\":\"\(address)\",\"port\":\(port)"
            case .sshAgent: "\"agent\""
            case .port(let stream): "\"port\",\"id\":\(stream)"
            }
        return Array("{\"stream\":\(fields)}\n".utf8)
    }
}
