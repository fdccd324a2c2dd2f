import SiloWire

/// Carries bytes from a stream to a descriptor: wire → pipe or socket. Holds at most one window of bytes while the
/// descriptor takes none; the credit goes back as bytes leave. Owns the descriptor and closes it.
public final class StreamSink: StreamHandler {
    public enum End: Equatable, Sendable {
        /// The other end's EOF came and every byte before it was written.
        case finished
        /// The reader behind the descriptor is gone; the stream was reset.
        case readerGone
        /// The other end reset the stream; what was queued is lost.
        case reset
        /// Writing failed in another way; the stream was reset.
        case failed(errno: Int32)
    }

    public let stream: StreamID
    private let port: WirePort
    private let fd: Int32
    private let queue = ByteQueue(capacity: 4096)
    private var watch: Watch!
    private var hasEnded = false
    private var onEnd: ((End) -> Void)?

    /// `fd` is non-blocking, a pipe's write end or a socket. `onEnd` is called once, from the reactor, when the
    /// descriptor is closed already.
    public init(fd: Int32, stream: StreamID, port: WirePort, onEnd: @escaping (End) -> Void) {
        self.fd = fd
        self.stream = stream
        self.port = port
        self.onEnd = onEnd
        port.attach(self, to: stream)
        watch = port.reactor.watch(fd, .hangup) { [unowned self] readiness in
            if readiness.isHungUp || readiness.hasError { return fail(EPIPE) }
            drain()
        }
    }

    /// Bytes that wait for the descriptor.
    public var queuedBytes: Int { queue.count }

    /// Gives up: RESET, and the descriptor is closed. `onEnd` is not called.
    public func cancel(reason: UInt32 = ResetReason.closed) {
        guard onEnd != nil else { return }
        onEnd = nil
        port.multiplexer.reset(stream, reason: reason)
        port.flush()
        finish(.reset)
    }

    public func received(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        // Straight from the port's buffer to the descriptor as long as nothing waits.
        while queue.isEmpty, !rest.isEmpty {
            switch IO.write(fd, rest) {
            case .bytes(let count):
                port.multiplexer.consumed(stream, count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .wouldBlock, .end:
                queue.append(rest)
                watch.interest = .write
                return
            case .failed(let code): return fail(code)
            }
        }
        queue.append(rest)
    }

    public func ended() {
        hasEnded = true
        if queue.isEmpty { finish(.finished) }
    }

    public func wasReset(_ reason: UInt32) { finish(.reset) }

    private func drain() {
        let before = queue.count
        let failure = IO.drain(queue, to: fd)
        port.multiplexer.consumed(stream, before - queue.count)
        port.flush()
        if let failure { return fail(failure) }
        guard queue.isEmpty else { return }
        watch.interest = .hangup
        queue.shrink(to: 4096)
        if hasEnded { finish(.finished) }
    }

    private func fail(_ code: Int32) {
        port.multiplexer.reset(stream, reason: code == EPIPE ? ResetReason.closed : ResetReason.failed)
        port.flush()
        finish(code == EPIPE || code == ECONNRESET ? .readerGone : .failed(errno: code))
    }

    private func finish(_ end: End) {
        let onEnd = self.onEnd
        self.onEnd = nil
        port.detach(stream)
        watch.remove()
        _ = close(fd)
        onEnd?(end)
    }
}
