import CSilo
import SiloIO
import SiloWire

/// Connections from outside to servers of the guest: those on 127.0.0.1 or every address, else those on ::1.
final class PortConnections {
    private let port: WirePort
    private var relays: [StreamID: StreamRelay] = [:]

    init(port: WirePort) { self.port = port }

    /// Connects a stream that the host opened; one to a port where nobody listens is refused.
    func open(_ id: StreamID, _ number: UInt16) {
        let fd = silo_loopback_connect(number)
        guard fd >= 0 else {
            port.multiplexer.reset(id, reason: ResetReason.refused)
            return port.flush()
        }
        relays[id] = StreamRelay(fd: fd, stream: id, port: port) { [unowned self] in relays[id] = nil }
    }
}
