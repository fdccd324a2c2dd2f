import SiloWire

/// Carries bytes from a descriptor to a stream: pipe, pty or socket → wire. Reads only what the stream's credit and the
/// port's output have room for, straight into the output. Owns the descriptor and closes it.
public final class StreamSource: StreamHandler {
    public enum End: Equatable, Sendable {
        /// Everything was read and EOF was sent.
        case finished
        /// The other end did not want more (RESET): what was not read is lost, the descriptor is closed.
        case reset
        /// Reading failed; the stream was reset.
        case failed(errno: Int32)
    }

    public let stream: StreamID
    private let port: WirePort
    private let fd: Int32
    private let closesDescriptor: Bool
    private var watch: Watch!
    private var isDraining = false
    private var onEnd: ((End) -> Void)?

    /// `fd` is non-blocking. `onEnd` is called once, from the reactor. `closesDescriptor` false: the descriptor is
    /// used for something else as well, and its owner closes it.
    public init(
        fd: Int32, stream: StreamID, port: WirePort, closesDescriptor: Bool = true, onEnd: @escaping (End) -> Void
    ) {
        self.fd = fd
        self.stream = stream
        self.port = port
        self.closesDescriptor = closesDescriptor
        self.onEnd = onEnd
        port.attach(self, to: stream)
        watch = port.reactor.watch(fd, .read) { [unowned self] _ in pump() }
    }

    /// From now on "nothing to read at the moment" counts as the end. For a process's output once the process is gone:
    /// children it left behind may keep the other end open for ever.
    public func finishWhenEmpty() {
        guard onEnd != nil else { return }
        isDraining = true
        pump()
    }

    /// Gives up: RESET, and the descriptor is closed. `onEnd` is not called.
    public func cancel(reason: UInt32 = ResetReason.closed) {
        guard onEnd != nil else { return }
        onEnd = nil
        port.multiplexer.reset(stream, reason: reason)
        port.flush()
        finish(nil)
    }

    public func wasReset(_ reason: UInt32) { finish(.reset) }

    public func outputHasRoom() { pump() }

    private func pump() {
        guard onEnd != nil else { return }
        // A few frames at a time: other streams get their turn.
        for _ in 0..<4 {
            guard port.admits(self), port.multiplexer.sendCredit(stream) > 0 else {
                // Nothing to do until credit or room comes; hang-ups are found by reading then.
                watch.isPaused = true
                return port.flush()
            }
            var result = IOResult.wouldBlock
            _ = port.multiplexer.sendData(stream) { room in
                result = IO.read(fd, into: room)
                if case .bytes(let count) = result { return count }
                return 0
            }
            switch result {
            case .bytes: continue
            case .wouldBlock:
                if isDraining { return end() }
                watch.isPaused = false
                return port.flush()
            case .end: return end()
            case .failed(let code):
                port.multiplexer.reset(stream, reason: ResetReason.failed)
                port.flush()
                return finish(.failed(errno: code))
            }
        }
        watch.isPaused = false
        port.flush()
        // While draining nothing may become readable any more: go on without waiting for poll.
        if isDraining { port.reactor.after(milliseconds: 0) { [weak self] in self?.pump() } }
    }

    private func end() {
        port.multiplexer.sendEnd(stream)
        port.flush()
        finish(.finished)
    }

    private func finish(_ end: End?) {
        let onEnd = self.onEnd
        self.onEnd = nil
        port.detach(stream)
        watch.remove()
        if closesDescriptor { _ = close(fd) }
        if let end { onEnd?(end) }
    }
}
