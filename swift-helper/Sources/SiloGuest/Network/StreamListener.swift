import CSilo
import SiloIO
import SiloWire

/// A TCP port or Unix socket of the guest whose connections go to the host, each as a stream. While there are too many, connections
/// wait in the kernel's queue.
final class StreamListener {
    private static let backlog: Int32 = 1024
    /// Connections taken in one turn at most, so that other descriptors get theirs.
    private static let acceptsPerTurn = 64

    let fd: Int32
    private let streams: StreamOpener
    private let opening: (Int32) -> StreamOpening?
    private var watch: Watch!

    /// `opening` says what the stream of a connection asks for; nil drops the connection.
    convenience init(
        streams: StreamOpener, address: IPv4Address, port: UInt16, opening: @escaping (Int32) -> StreamOpening?
    ) throws(SystemError) {
        let fd = silo_tcp_listen(address.value, port, Self.backlog)
        guard fd >= 0 else { throw SystemError("listen on \(address):\(port)") }
        self.init(streams: streams, fd: fd, opening: opening)
    }

    /// A Unix socket at a path that is free. Only `owner` and root may connect.
    convenience init(
        streams: StreamOpener, path: Path, owner: Files.Owner, opening: @escaping (Int32) -> StreamOpening?
    ) throws(SystemError) {
        let fd = path.withCString { silo_unix_listen($0, owner.uid, owner.gid, Self.backlog) }
        guard fd >= 0 else { throw SystemError("listen on \(path)") }
        self.init(streams: streams, fd: fd, opening: opening)
    }

    private init(streams: StreamOpener, fd: Int32, opening: @escaping (Int32) -> StreamOpening?) {
        self.fd = fd
        self.streams = streams
        self.opening = opening
        watch = streams.port.reactor.watch(fd, .read) { [unowned self] _ in accept() }
    }

    private func accept() {
        for _ in 0..<Self.acceptsPerTurn {
            guard streams.admits({ [weak self] in self?.watch.isPaused = false }) else {
                watch.isPaused = true
                return
            }
            let connection = silo_tcp_accept(fd)
            guard connection >= 0 else { return pauseIfExhausted(errno) }
            if let opening = opening(connection) {
                streams.relay(connection, as: opening)
            } else {
                silo_abort_on_close(connection)
                _ = close(connection)
            }
        }
    }

    /// Without descriptors or memory the connection stays in the queue, and poll would report it for ever.
    private func pauseIfExhausted(_ code: Int32) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return }
        watch.isPaused = true
        streams.port.reactor.after(milliseconds: 100) { [weak self] in self?.watch.isPaused = false }
    }
}
