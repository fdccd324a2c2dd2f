import SiloWire

/// A multiplexer on a descriptor: bytes in become calls of the handlers, what the multiplexer has to say goes out.
/// The same code drives both ends: the helper's socket to QEMU and the agent's virtio port.
public final class WirePort {
    public let multiplexer: Multiplexer
    public let reactor: Reactor
    /// Sources stop reading while more than this many bytes wait for the descriptor.
    public static let outputLimitBytes = 512 << 10

    public var onControl: (ControlMessage) -> Void = { _ in }
    /// The other end opened a stream. The default refuses it.
    public var onOpened: (StreamID, _ kind: UInt8, _ payload: [UInt8]) -> Void
    /// Called once when the port is of no more use; the descriptor is still open and still the caller's to close.
    public var onClosed: (PortEnd) -> Void = { _ in }
    public private(set) var isClosed = false

    private let fd: Int32
    private var watch: Watch!
    private var handlers: [StreamID: any StreamHandler] = [:]
    /// Sources that wait for `output` to get shorter, in the order in which they came.
    private var waiting: [any StreamHandler] = []
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    /// Bytes handed to one write(2) at most.
    private let writeLimit: Int
    /// Reads in one turn at most, so that other descriptors get their share.
    private let readsPerTurn: Int

    /// `fd` is connected and non-blocking. `writeLimit`: bytes that one write(2) takes at most.
    public init(
        fd: Int32, multiplexer: Multiplexer, reactor: Reactor, writeLimit: Int = 1 << 20, readsPerTurn: Int = 4
    ) {
        self.fd = fd
        self.multiplexer = multiplexer
        self.reactor = reactor
        self.writeLimit = writeLimit
        self.readsPerTurn = readsPerTurn
        onOpened = { [unowned multiplexer] id, _, _ in multiplexer.reset(id, reason: ResetReason.refused) }
        watch = reactor.watch(fd, .read) { [unowned self] in ready($0) }
    }

    deinit {
        watch.remove()
        input.deallocate()
    }

    /// Sends a control message; one that is over the limit closes the port, since the ends would disagree without it.
    public func send(_ message: ControlMessage) {
        do {
            try multiplexer.send(message)
            flush()
        } catch {
            closed(.protocolError(error))
        }
    }

    /// Makes `handler` get the events of a stream until it is detached or the stream is reset.
    public func attach(_ handler: any StreamHandler, to id: StreamID) { handlers[id] = handler }

    public func detach(_ id: StreamID) {
        handlers[id] = nil
        waiting.removeAll { $0.stream == id }
    }

    /// Whether a source may add to the output now; if not, it is told by `outputHasRoom` later.
    public func admits(_ source: any StreamHandler) -> Bool {
        if multiplexer.output.count < WirePort.outputLimitBytes { return true }
        if !waiting.contains(where: { $0 === source }) { waiting.append(source) }
        return false
    }

    /// Has the output written soon: at once when this turn's handlers are done, so that small frames go together.
    public func flush() {
        guard !isClosed, !multiplexer.output.isEmpty else { return }
        watch.interest = [.read, .write]
    }

    /// Writes what can be written now. For the last words before the end of the program.
    public func flushNow() { write() }

    /// Ends the port without calling `onClosed`.
    public func close() {
        isClosed = true
        watch.remove()
        handlers = [:]
        waiting = []
    }

    private func ready(_ readiness: Readiness) {
        if readiness.canRead { read() }
        if isClosed { return }
        if readiness.canWrite { write() }
        if isClosed { return }
        if !readiness.canRead, readiness.isHungUp || readiness.hasError { closed(.hungUp) }
    }

    private func read() {
        for _ in 0..<readsPerTurn {
            switch IO.read(fd, into: input) {
            case .bytes(let count):
                do {
                    try multiplexer.receive(UnsafeRawBufferPointer(rebasing: input[..<count])) { handle($0) }
                } catch {
                    return closed(.protocolError(error))
                }
                if isClosed { return }
            case .wouldBlock: return flush()
            case .end: return closed(.hungUp)
            case .failed(let code): return closed(.failed(errno: code))
            }
        }
        flush()
    }

    private func write() {
        while !multiplexer.output.isEmpty {
            let bytes = UnsafeRawBufferPointer(rebasing: multiplexer.output.readable.prefix(writeLimit))
            switch IO.write(fd, bytes) {
            case .bytes(let count): multiplexer.output.consume(count)
            case .wouldBlock, .end:
                watch.interest = [.read, .write]
                return wakeWaiting()
            case .failed(let code): return closed(.failed(errno: code))
            }
        }
        watch.interest = .read
        wakeWaiting()
    }

    private func wakeWaiting() {
        guard !waiting.isEmpty, multiplexer.output.count < WirePort.outputLimitBytes / 2 else { return }
        let sources = waiting
        waiting = []
        for source in sources { source.outputHasRoom() }
    }

    private func handle(_ event: Multiplexer.Event) {
        guard !isClosed else { return }
        switch event {
        case .control(let message): onControl(message)
        case .opened(let id, let kind, let payload): onOpened(id, kind, payload)
        case .data(let id, let bytes):
            if let handler = handlers[id] {
                handler.received(bytes)
            } else {
                multiplexer.consumed(id, bytes.count)
            }
        case .credit(let id): handlers[id]?.outputHasRoom()
        case .ended(let id): handlers[id]?.ended()
        case .reset(let id, let reason):
            let handler = handlers[id]
            detach(id)
            handler?.wasReset(reason)
        }
    }

    private func closed(_ end: PortEnd) {
        guard !isClosed else { return }
        close()
        onClosed(end)
    }
}

/// How a port ended.
public enum PortEnd: Equatable, Sendable, CustomStringConvertible {
    /// The other end closed it.
    case hungUp
    case failed(errno: Int32)
    case protocolError(WireError)

    public var description: String {
        switch self {
        case .hungUp: "the other end closed the connection"
        case .failed(let errno): "the connection broke: \(SystemError.text(of: errno))"
        case .protocolError(let error): "the other end broke the protocol: \(error)"
        }
    }
}

/// What a port tells the owner of a stream.
public protocol StreamHandler: AnyObject {
    var stream: StreamID { get }
    /// Bytes, valid during the call; each counts as unread until `multiplexer.consumed` is told.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// The other end sends no more.
    func ended()
    /// The stream is over.
    func wasReset(_ reason: UInt32)
    /// Credit came, or the output got shorter.
    func outputHasRoom()
}

extension StreamHandler {
    public func received(_ bytes: UnsafeRawBufferPointer) {}
    public func ended() {}
    public func outputHasRoom() {}
}
