import CSilo
import SiloIO
import SiloProtocol
import SiloWire

/// The streams of no process. Those that the guest opens, and those to its ports: each becomes a connection to the CLI's data socket with a header that says what it
/// is, and everything about it is decided there. Belongs to the reactor's thread.
///
/// How many there can be is the wire's own limit. What is asked for that this machine was not given is refused: a guest
/// of another kind may try. What cannot be understood is a `violation`.
package final class GuestStreams {
    private let port: WirePort
    private let dataSocket: String
    private let hasNetwork: Bool
    private let passesSSHAgent: Bool
    private let violation: (String) -> Void
    private var relays: [StreamID: StreamRelay] = [:]

    package init(port: WirePort, spec: MachineSpec, violation: @escaping (String) -> Void) {
        self.port = port
        dataSocket = spec.dataSocket
        hasNetwork = spec.network != nil
        passesSSHAgent = spec.sshAgent
        self.violation = violation
        // Each stream is a descriptor, and a shell's usual limit is lower than their number.
        if hasNetwork { silo_raise_open_files() }
    }

    /// Takes or refuses a stream that the guest opened.
    package func opened(_ id: StreamID, kind: UInt8, payload: [UInt8]) {
        do {
            let opening = try StreamOpening(kind: kind, payload: payload, at: .host)
            guard let header = header(for: opening) else { return refuse(id) }
            connect(id, header)
        } catch {
            violation("\(error)")
        }
    }

    /// Opens a stream to a port on the guest's loopback.
    package func openPort(_ number: UInt16, stream: UInt32) throws(HelperError) {
        let opening = StreamOpening.port(number)
        let id: StreamID
        do {
            id = try port.multiplexer.open(kind: opening.kind, payload: opening.payload)
        } catch {
            throw HelperError(.invalid, "cannot open a stream: \(error)")
        }
        port.flush()
        connect(id, .port(stream: stream))
    }

    /// The VM is gone.
    package func close() {
        for relay in relays.values { relay.cancel() }
    }

    private func header(for opening: StreamOpening) -> GuestStreamHeader? {
        switch opening {
        case .sshAgent: passesSSHAgent ? .sshAgent : nil
        case .proxy: hasNetwork ? .proxy : nil
        case .dns: hasNetwork ? .dns : nil
        case .direct(let address, let port): hasNetwork ? .direct(address: "\(address)", port: port) : nil
        case .port: nil
        }
    }

    private func connect(_ id: StreamID, _ header: GuestStreamHeader) {
        // The CLI's queue of connections that it has not accepted is longer than the streams of a machine can be, so
        // there is nothing to wait for.
        let fd = silo_unix_connect(dataSocket)
        guard fd >= 0 else { return refuse(id) }
        // A fresh socket's buffer holds the line.
        guard header.line.withUnsafeBytes({ IO.write(fd, $0) }) == .bytes(header.line.count) else {
            _ = SiloIO.close(fd)
            return refuse(id)
        }
        relays[id] = StreamRelay(fd: fd, stream: id, port: port) { [weak self] in self?.relays[id] = nil }
    }

    private func refuse(_ id: StreamID) {
        port.multiplexer.reset(id, reason: ResetReason.refused)
        port.flush()
    }
}
