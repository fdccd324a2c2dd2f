import SiloIO
import SiloWire

final class Box<Content> {
    var content: Content
    init(_ content: Content) { self.content = content }
}

/// A thread without Foundation.
struct Thread {
    private let id: pthread_t

    static func start(_ body: @escaping @Sendable () -> Void) throws -> Thread {
        let unmanaged = Unmanaged.passRetained(Body(body))
        #if canImport(Darwin)
            var id: pthread_t?
        #else
            var id = pthread_t()
        #endif
        let result = pthread_create(
            &id, nil,
            { argument in
                #if canImport(Darwin)
                    let pointer = argument
                #else
                    let pointer = argument!
                #endif
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().call()
                return nil
            }, unmanaged.toOpaque())
        guard result == 0 else { throw SystemError("start a thread", errno: result) }
        #if canImport(Darwin)
            return Thread(id: id!)
        #else
            return Thread(id: id)
        #endif
    }

    func join() { pthread_join(id, nil) }

    private final class Body: Sendable {
        let call: @Sendable () -> Void
        init(_ call: @escaping @Sendable () -> Void) { self.call = call }
    }
}

/// Both ends of a wire in one reactor, over a pair of sockets.
struct Ends {
    let reactor: Reactor
    let host: WirePort
    let guest: WirePort
    let fds: (host: Int32, guest: Int32)

    init() throws {
        let pair = try IO.socketPair()
        fds = (pair.0, pair.1)
        reactor = try Reactor()
        host = WirePort(fd: pair.0, multiplexer: Multiplexer(role: .host), reactor: reactor)
        guest = WirePort(fd: pair.1, multiplexer: Multiplexer(role: .guest), reactor: reactor)
    }

    func close() {
        host.close()
        guest.close()
        closeDescriptor(fds.host)
        closeDescriptor(fds.guest)
    }

    /// A stream that goes from the guest to the host.
    func stream() throws -> StreamID {
        let id = try host.multiplexer.openImplicit(.receive)
        try guest.multiplexer.acceptImplicit(id, .send)
        return id
    }
}

/// Writes as much as a descriptor takes and returns how many bytes that was.
func fill(_ fd: Int32, _ bytes: [UInt8]) -> Int {
    var written = 0
    bytes.withUnsafeBytes { buffer in
        while written < buffer.count,
            case .bytes(let count) = IO.write(fd, UnsafeRawBufferPointer(rebasing: buffer[written...]))
        { written += count }
    }
    return written
}

/// Reads what a descriptor holds now.
func readAll(_ fd: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case .bytes(let count) = piece.withUnsafeMutableBytes({ IO.read(fd, into: $0) }) { all += piece[..<count] }
    return all
}

func closeDescriptor(_ fd: Int32) { close(fd) }
