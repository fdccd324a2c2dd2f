import CSilo
import SiloIO
import SiloWire

/// Carries a stdin stream to a pty's master. Unlike a pipe, a terminal does not end: its end-of-file character does
/// that, for whoever reads at the moment.
final class TerminalInput: StreamHandler {
    let stream: StreamID
    private let port: WirePort
    /// The process's; not closed here.
    private let master: Int32
    private let queue = ByteQueue(capacity: 4096)
    private var watch: Watch!
    private var isAtLineStart = true
    private var isOver = false

    init(master: Int32, stream: StreamID, port: WirePort) {
        self.master = master
        self.stream = stream
        self.port = port
        port.attach(self, to: stream)
        watch = port.reactor.watch(master, .write) { [unowned self] _ in drain() }
        watch.isPaused = true
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return }
        isAtLineStart = last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r")
        queue.append(bytes)
        drain()
    }

    /// The character ends a line that has begun without ending the input; only on an empty line it means the end.
    func ended() {
        let end = silo_pty_end_character(master)
        withUnsafeBytes(of: (end, end)) {
            queue.append(UnsafeRawBufferPointer(rebasing: $0[..<(isAtLineStart ? 1 : 2)]))
        }
        endCharacters = isAtLineStart ? 1 : 2
        drain()
    }

    func wasReset(_ reason: UInt32) { finish() }

    /// The process is gone.
    func cancel() {
        guard !isOver else { return }
        port.multiplexer.reset(stream, reason: ResetReason.closed)
        port.flush()
        finish()
    }

    /// Bytes at the end of the queue that did not come over the wire.
    private var endCharacters = 0

    private func drain() {
        guard !isOver else { return }
        let before = queue.count
        let failure = IO.drain(queue, to: master)
        let received = max(0, before - endCharacters) - max(0, queue.count - endCharacters)
        port.multiplexer.consumed(stream, received)
        port.flush()
        if failure != nil { return cancel() }
        watch.isPaused = queue.isEmpty
        if queue.isEmpty, endCharacters > 0 { finish() }
    }

    private func finish() {
        isOver = true
        port.detach(stream)
        watch.remove()
    }
}
