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
    /// Tells what the tool has not read yet.
    private let slave: Int32
    private let queue = ByteQueue(capacity: 4096)
    private var watch: Watch!
    private var isAtLineStart = true
    private var isOver = false
    private var endTimer: Timer?

    /// How often it is looked whether the tool has read everything before the end.
    private static let endCheckMilliseconds = 10

    /// `slave` is taken over.
    init(master: Int32, slave: Int32, stream: StreamID, port: WirePort) {
        self.master = master
        self.slave = slave
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

    /// An end that waits in the terminal's buffer becomes a NUL when the tool switches to single characters, as the
    /// interpreters with line editing do: it is given only once all before it has been read.
    func ended() { endWhenRead() }

    func wasReset(_ reason: UInt32) { finish() }

    /// The process is gone.
    func cancel() {
        guard !isOver else { return }
        port.multiplexer.reset(stream, reason: ResetReason.closed)
        port.flush()
        finish()
    }

    private func drain() {
        guard !isOver else { return }
        let before = queue.count
        let failure = IO.drain(queue, to: master)
        port.multiplexer.consumed(stream, before - queue.count)
        port.flush()
        if failure != nil { return cancel() }
        watch.isPaused = queue.isEmpty
    }

    private func endWhenRead() {
        guard !isOver else { return }
        guard queue.isEmpty, silo_pty_unread(slave) == 0 else {
            endTimer = port.reactor.after(milliseconds: TerminalInput.endCheckMilliseconds) { [weak self] in
                self?.endWhenRead()
            }
            return
        }
        let end = silo_pty_end_character(master)
        // The character ends a line that has begun without ending the input; only on an empty line it means the end.
        let isInLine = !isAtLineStart && silo_pty_is_canonical(master) != 0
        withUnsafeBytes(of: (end, end)) {
            _ = IO.write(master, UnsafeRawBufferPointer(rebasing: $0[..<(isInLine ? 2 : 1)]))
        }
        finish()
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        endTimer?.cancel()
        port.detach(stream)
        watch.remove()
        close(slave)
    }
}
