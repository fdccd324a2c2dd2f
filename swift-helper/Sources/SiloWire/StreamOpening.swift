/// What an OPEN frame asks for: the stream's kind and its payload (`docs/protocol.md`, section 2).
///
/// Each kind is opened by one side only. To add one: a case, its number, its payload, and `opener`.
public enum StreamOpening: Equatable, Sendable {
    /// A connection to the guest's proxy port: HTTP or SOCKS, for the host to read.
    case proxy
    /// DNS messages, each behind its length in two bytes (RFC 1035, section 4.2.2).
    case dns
    /// A TCP connection of the guest to an IPv4 address that the host's DNS answer gave out.
    case direct(address: IPv4Address, port: UInt16)
    /// A connection to the guest's ssh-agent socket.
    case sshAgent
    /// A connection from outside to a server on the guest's loopback.
    case port(UInt16)

    /// Who opens streams of this kind.
    public var opener: WireRole {
        switch self {
        case .proxy, .dns, .direct, .sshAgent: .guest
        case .port: .host
        }
    }

    public var kind: UInt8 {
        switch self {
        case .proxy: 1
        case .dns: 2
        case .direct: 3
        case .sshAgent: 4
        case .port: 5
        }
    }

    /// What follows the kind.
    public var payload: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .proxy, .dns, .sshAgent: break
        case .port(let port): writer.integer(port)
        case .direct(let address, let port):
            writer.integer(address.value)
            writer.integer(port)
        }
        return writer.bytes
    }

    /// Reads what arrived at `role`'s end. Kinds that the other end may not open are unknown there.
    public init(kind: UInt8, payload: [UInt8], at role: WireRole) throws(WireError) {
        let opening: StreamOpening
        switch (kind, payload.count) {
        case (1, 0): opening = .proxy
        case (2, 0): opening = .dns
        case (3, 6):
            // Little-endian, as all integers of the wire.
            let bytes = payload.map(UInt32.init)
            let address = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24
            let port = UInt16(bytes[4] | bytes[5] << 8)
            guard port > 0 else { throw .badOpening("port 0") }
            opening = .direct(address: IPv4Address(value: address), port: port)
        case (4, 0): opening = .sshAgent
        case (5, 2):
            let port = UInt16(payload[0]) | UInt16(payload[1]) << 8
            guard port > 0 else { throw .badOpening("port 0") }
            opening = .port(port)
        case (1...5, let count): throw .badOpening("kind \(kind) with \(count) bytes")
        default: throw .badOpening("unknown kind \(kind)")
        }
        guard opening.opener != role else { throw .badOpening("kind \(kind) from the wrong end") }
        self = opening
    }
}

/// An IPv4 address; `value` in the host's byte order, so that 127.0.0.1 is 0x7f000001.
public struct IPv4Address: Equatable, Sendable, CustomStringConvertible {
    public var value: UInt32

    public init(value: UInt32) { self.value = value }

    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        value = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    public var description: String { "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)" }
}

/// Where the agent serves the network inside the guest. The host knows them too: they stand in the tools' environment.
public enum GuestNetworkPlan {
    public static let loopback = IPv4Address(127, 0, 0, 1)
    /// HTTP and SOCKS, on loopback.
    public static let proxyPort: UInt16 = 18_018
    public static let dnsPort: UInt16 = 53
    /// 198.18.0.0/15 (RFC 2544: never on the internet): every address of it is the agent's.
    public static let directNetwork = IPv4Address(198, 18, 0, 0)
    public static let directPrefix = 15
    /// The loopback interface's own address in that range; the host gives out higher ones.
    public static let directInterface = IPv4Address(198, 18, 0, 1)
}
