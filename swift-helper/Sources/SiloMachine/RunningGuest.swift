import SiloDriver
import SiloIO
import SiloProtocol
import SiloWire

/// A guest that is up and configured: its programs, its streams, and what it tells by itself, each held to the wire's
/// rules and to limits. The same whatever started the VM. Belongs to its reactor's thread; ends with `close`.
package final class RunningGuest {
    /// Output that waits for the guest, over which it counts as an attack: all it can honestly be is the window of each
    /// stream and the control messages.
    private static let outputLimitBytes = 64 << 20

    package let table: GuestProcessTable
    private let port: WirePort
    private let spec: MachineSpec
    private let events: any MachineEvents
    /// Told in one line what the guest did that no guest may do. May come again until `close`.
    private let violation: (String) -> Void
    private var streams: GuestStreams!
    private var isOver = false
    private var notices = RateLimit(burst: 20, perSecond: 2)
    private var listenings = RateLimit(burst: 20, perSecond: 2)
    private var stops = RateLimit(burst: 50, perSecond: 20)

    /// Takes what `port` hears from now on.
    package init(
        port: WirePort, spec: MachineSpec, events: any MachineEvents, violation: @escaping (String) -> Void
    ) {
        self.port = port
        self.spec = spec
        self.events = events
        self.violation = violation
        table = GuestProcessTable(port: port)
        streams = GuestStreams(port: port, spec: spec) { violation("the guest broke the protocol: \($0)") }
        port.onControl = { [unowned self] in handle($0) }
        port.onOpened = { [unowned self] in streams.opened($0, kind: $1, payload: $2) }
        watchOutput()
    }

    /// Sends a control message.
    package func send(_ message: ControlMessage) { port.send(message) }

    /// Sends a control message about a program, if that still runs.
    package func send(_ message: ControlMessage, about process: UInt32) {
        if table.isRunning(process) { port.send(message) }
    }

    /// Carries a connection to a port on the guest's loopback.
    package func openPort(_ number: UInt16, stream: UInt32) throws(HelperError) {
        try streams.openPort(number, stream: stream)
    }

    /// The VM is gone or ends now: everything that is open fails with `error`.
    package func close(_ error: HelperError) {
        guard !isOver else { return }
        isOver = true
        port.onControl = { _ in }
        port.onOpened = { _, _, _ in }
        table.close(error)
        streams.close()
    }

    private func handle(_ message: ControlMessage) {
        do throws(GuestProcessTable.Violation) {
            switch message {
            case .started(let process, let pid): try table.handleStarted(process, pid: pid)
            case .startFailed(let process, let stage, let errno):
                try table.handleStartFailed(process, stage: stage, errno: errno)
            case .exited(let process, let status): try table.handleExited(process, status)
            case .stopped(let process, let number): handleStopped(process, number)
            case .notice(let bytes): Self.tell(bytes, &notices, events)
            case .listening(let ports): handleListening(ports)
            // It says so and switches the machine off.
            case .failed(let text): violation("the guest failed: \(ConsoleText.sanitized(text, limit: 1_000))")
            default: throw .init(message: "control message \(message.kind) at the wrong time")
            }
        } catch {
            violation("the guest broke the protocol: \(error.message)")
        }
    }

    /// Passes on what the agent wants the person to know, as far as the rate admits.
    package static func tell(_ bytes: [UInt8], _ rate: inout RateLimit, _ events: any MachineEvents) {
        guard rate.admits(now: Reactor.now()) else { return }
        events.log(.warn, "guest: \(ConsoleText.sanitized(bytes, limit: 1_000))")
    }

    private func handleStopped(_ process: UInt32, _ number: UInt8) {
        guard table.isRunning(process), let signal = GuestSignal(number: number), stops.admits(now: Reactor.now())
        else { return }
        events.processStopped(process, by: signal)
    }

    private func handleListening(_ ports: [UInt16]) {
        guard spec.watchPorts, listenings.admits(now: Reactor.now()) else { return }
        events.portsListening(ports)
    }

    /// Looks once a second whether a guest that does not read makes us hoard answers.
    private func watchOutput() {
        port.reactor.after(milliseconds: 1_000) { [weak self] in
            guard let self, !isOver else { return }
            if port.multiplexer.output.count > Self.outputLimitBytes {
                violation("the guest does not read what it asks for")
            } else {
                watchOutput()
            }
        }
    }
}
