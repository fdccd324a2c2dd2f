import CSilo
import SiloIO
import SiloWire

/// Opens streams to the host and keeps their relays until they end, at most as many at a time as the wire allows.
final class StreamOpener {
    /// Below the wire's own limit, over which the host ends the machine: some are left for DNS and others.
    private static let limit = WireLimits.streams - 24

    let port: WirePort
    private var relays: [ObjectIdentifier: StreamRelay] = [:]
    private var waiting: [() -> Void] = []

    init(port: WirePort) { self.port = port }

    /// Whether one more connection may be taken now; if not, `resume` is called when it may.
    func admits(_ resume: @escaping () -> Void) -> Bool {
        if relays.count < Self.limit { return true }
        waiting.append(resume)
        return false
    }

    /// Carries a connected socket over a new stream. Takes the descriptor over, also if no stream can be had.
    func relay(_ fd: Int32, as opening: StreamOpening) {
        guard let id = open(opening) else {
            silo_abort_on_close(fd)
            _ = close(fd)
            return
        }
        var key: ObjectIdentifier?
        let relay = StreamRelay(fd: fd, stream: id, port: port) { [unowned self] in key.map(ended) }
        key = ObjectIdentifier(relay)
        relays[ObjectIdentifier(relay)] = relay
        port.flush()
    }

    /// A stream without a relay: whoever attaches to it reads and writes it.
    func open(_ opening: StreamOpening) -> StreamID? {
        try? port.multiplexer.open(kind: opening.kind, payload: opening.payload)
    }

    private func ended(_ key: ObjectIdentifier) {
        relays[key] = nil
        let resumed = waiting
        waiting = []
        for resume in resumed { resume() }
    }
}
