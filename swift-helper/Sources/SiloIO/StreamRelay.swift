import CSilo
import SiloWire

/// Carries bytes between a stream and a connected socket, both ways, each with its own end. Holds at most one window of
/// bytes while the socket takes none, and reads only what the stream's credit and the port's output have room for.
/// Owns the descriptor and closes it.
///
/// Ends: the socket's end of input becomes EOF, the stream's EOF a half-close. A socket that is gone for good is EOF
/// and RESET; one that goes without having said anything is RESET alone, so that a refusal looks like one. RESET of a
/// stream that has not said EOF aborts the connection (TCP: RST).
public final class StreamRelay: StreamHandler {
    /// How long a socket that ended without a word is looked at for being gone: whoever closes one in two steps (first
    /// the writing side, then all) is at the second within this time.
    private static let silenceMs = 20

    public let stream: StreamID
    private let port: WirePort
    private let fd: Int32
    private let queue = ByteQueue(capacity: 4096)
    private var watch: Watch!
    private var onEnd: (() -> Void)?
    /// No credit, or no room in the port's output.
    private var isBlocked = false
    private var hasRead = false
    /// Nothing more is read from the descriptor.
    private var readEnded = false
    /// The end of the reading has not been passed on yet: it may turn out to be a refusal.
    private var isSilent = false
    /// Nothing more is written to the descriptor.
    private var writeEnded = false
    /// The stream's other end has said all it has to say.
    private var peerEnded = false
    /// The stream is over: only what is queued is left to do.
    private var isReset = false

    /// `fd` is a non-blocking socket, connected or connecting. `onEnd` is called once, from the reactor, when the
    /// descriptor is closed; keep the relay until then.
    public init(fd: Int32, stream: StreamID, port: WirePort, onEnd: @escaping () -> Void) {
        self.fd = fd
        self.stream = stream
        self.port = port
        self.onEnd = onEnd
        port.attach(self, to: stream)
        watch = port.reactor.watch(fd, .read) { [unowned self] in ready($0) }
    }

    /// Gives up: RESET, and the connection is aborted. `onEnd` is called.
    public func cancel(reason: UInt32 = ResetReason.closed) {
        guard onEnd != nil else { return }
        port.multiplexer.reset(stream, reason: reason)
        port.flush()
        abort()
    }

    public func received(_ bytes: UnsafeRawBufferPointer) {
        guard !writeEnded else { return port.multiplexer.consumed(stream, bytes.count) }
        var rest = bytes
        // Straight from the port's buffer to the descriptor as long as nothing waits.
        while queue.isEmpty, !rest.isEmpty {
            switch IO.write(fd, rest) {
            case .bytes(let count):
                port.multiplexer.consumed(stream, count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .wouldBlock, .end:
                queue.append(rest)
                return updateWatch()
            case .failed:
                port.multiplexer.consumed(stream, rest.count)
                return readerIsGone()
            }
        }
        queue.append(rest)
    }

    public func ended() {
        peerEnded = true
        if queue.isEmpty { endWriting() }
    }

    public func wasReset(_ reason: UInt32) {
        isReset = true
        // All that the other end had to say is here, and a part of it may wait for the descriptor still.
        guard peerEnded, !queue.isEmpty, !writeEnded else { return peerEnded ? finish() : abort() }
        readEnded = true
        updateWatch()
    }

    public func outputHasRoom() {
        isBlocked = false
        pump()
    }

    private func ready(_ readiness: Readiness) {
        let isOver = readiness.isHungUp || readiness.hasError
        if readiness.canWrite || isOver, !queue.isEmpty { drain() }
        if onEnd != nil, readiness.canRead || isOver { pump() }
    }

    private func pump() {
        defer { updateWatch() }
        // A few frames at a time: other streams get their turn.
        for _ in 0..<4 {
            guard onEnd != nil, !readEnded else { return port.flush() }
            guard port.admits(self), port.multiplexer.sendCredit(stream) > 0 else {
                isBlocked = true
                return port.flush()
            }
            var result = IOResult.wouldBlock
            _ = port.multiplexer.sendData(stream) { room in
                result = IO.read(fd, into: room)
                if case .bytes(let count) = result { return count }
                return 0
            }
            switch result {
            case .bytes: hasRead = true
            case .wouldBlock: return port.flush()
            case .end: return endReading()
            case .failed: return cancel(reason: ResetReason.failed)
            }
        }
        port.flush()
    }

    private func endReading() {
        readEnded = true
        guard !hasRead, !peerEnded, silo_is_hung_up(fd) == 0 else { return passEnd() }
        isSilent = true
        port.reactor.after(milliseconds: Self.silenceMs) { [weak self] in
            guard let self, onEnd != nil else { return }
            isSilent = false
            passEnd()
        }
    }

    private func passEnd() {
        let isGone = silo_is_hung_up(fd) != 0 && !(writeEnded && peerEnded)
        if isGone, !hasRead, !peerEnded { return cancel(reason: ResetReason.refused) }
        port.multiplexer.sendEnd(stream)
        if isGone { return readerIsGone() }
        port.flush()
        finishIfDone()
    }

    private func drain() {
        let before = queue.count
        let failure = IO.drain(queue, to: fd)
        port.multiplexer.consumed(stream, before - queue.count)
        port.flush()
        if failure != nil { return readerIsGone() }
        guard queue.isEmpty else { return }
        queue.shrink(to: 4096)
        if isReset { return finish() }
        if peerEnded { endWriting() }
        updateWatch()
    }

    /// What is still to be written has no taker; what can still be read, as the answer of a server that has heard
    /// enough, is passed on first.
    private func readerIsGone() {
        writeEnded = true
        port.multiplexer.consumed(stream, queue.count)
        queue.consume(queue.count)
        if readEnded {
            port.multiplexer.reset(stream, reason: ResetReason.closed)
            port.flush()
            return finish()
        }
        port.flush()
        updateWatch()
    }

    private func endWriting() {
        if !writeEnded { _ = shutdown(fd, Int32(SHUT_WR)) }
        writeEnded = true
        finishIfDone()
    }

    private func finishIfDone() {
        if readEnded, writeEnded, peerEnded, !isSilent { finish() } else { updateWatch() }
    }

    private func updateWatch() {
        guard onEnd != nil else { return }
        var interest: Interest = []
        if !readEnded, !isBlocked { interest.insert(.read) }
        if !queue.isEmpty { interest.insert(.write) }
        watch.interest = interest
        // A hang-up is found by the next read or write; waiting for nothing else, it would be reported for ever.
        watch.isPaused = interest.isEmpty
    }

    private func abort() {
        silo_abort_on_close(fd)
        finish()
    }

    private func finish() {
        guard let onEnd else { return }
        self.onEnd = nil
        port.detach(stream)
        watch.remove()
        _ = close(fd)
        onEnd()
    }
}
