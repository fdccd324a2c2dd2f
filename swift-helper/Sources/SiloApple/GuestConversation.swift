import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// The wire to one agent, from its HELLO to the end. Belongs to its reactor's thread.
final class GuestConversation {
    /// The agent is up and configured.
    struct Ready: Sendable {
        var kernel: String
        var agent: String
    }

    private enum State {
        case silent
        case greeted(Ready)
        case running(GuestProcessTable)
        case over
    }

    /// Output that waits for the guest, over which it counts as an attack.
    private static let outputLimitBytes = 64 << 20

    private let fd: Int32
    private let port: WirePort
    private let reactor: Reactor
    private let spec: MachineSpec
    private let configuration: Configuration
    /// What the guest opens by itself, once programs may run in it.
    private var streams: GuestStreams?
    private let events: any MachineEvents
    private var state = State.silent
    private var ready: ((Result<Ready, HelperError>) -> Void)?
    /// Called once when the guest is of no more use, unless `close` came first.
    private let onEnd: (MachineExited.Reason, String) -> Void
    private var notices = RateLimit(burst: 20, perSecond: 2)
    private var stops = RateLimit(burst: 50, perSecond: 20)

    /// Takes `fd` over, which is connected and non-blocking. `ready` is told once.
    init(
        fd: Int32, reactor: Reactor, spec: MachineSpec, configuration: Configuration, events: any MachineEvents,
        ready: @escaping (Result<Ready, HelperError>) -> Void,
        onEnd: @escaping (MachineExited.Reason, String) -> Void
    ) {
        self.fd = fd
        self.reactor = reactor
        self.spec = spec
        self.configuration = configuration
        self.events = events
        self.ready = ready
        self.onEnd = onEnd
        port = WirePort(fd: fd, multiplexer: Multiplexer(role: .host), reactor: reactor)
        port.onControl = { [unowned self] in handle($0) }
        port.onClosed = { [unowned self] end in
            if case .protocolError = end {
                fail(.protocol, "the guest broke the protocol: \(end)")
            } else {
                fail(.lost, "the VM's channel broke: \(end)")
            }
        }
    }

    /// There while programs can be started.
    var table: GuestProcessTable? { if case .running(let table) = state { table } else { nil } }

    func send(_ message: ControlMessage) { port.send(message) }

    /// Ends it from this side: everything that is open fails with `error`.
    func close(_ error: HelperError) {
        let old = state
        state = .over
        if case .running(let table) = old { table.close(error) }
        tell(.failure(error))
        guard !isReleased else { return }
        isReleased = true
        streams?.close()
        port.close()
        _ = SiloIO.close(fd)
    }

    private var isReleased = false

    private func fail(_ reason: MachineExited.Reason, _ message: String) {
        guard case .over = state else {
            close(HelperError(.machineGone, message))
            return onEnd(reason, message)
        }
    }

    private func tell(_ result: Result<Ready, HelperError>) {
        let ready = ready
        self.ready = nil
        ready?(result)
    }

    private func refuse(_ message: String, hint: String? = nil) {
        close(HelperError(.guest, message, hint: hint))
    }

    private func handle(_ message: ControlMessage) {
        switch (state, message) {
        case (.silent, .hello(let version, let agent, let kernel)):
            guard version == WireLimits.version else {
                return refuse(
                    "the guest agent speaks wire version \(version), silo-helper speaks \(WireLimits.version)",
                    hint: "install silo-helper and silo-guest of the same release")
            }
            state = .greeted(
                Ready(
                    kernel: ConsoleText.sanitized(kernel, limit: 128), agent: ConsoleText.sanitized(agent, limit: 64)))
            port.send(.configure(configuration))
        case (.greeted(let ready), .configured):
            state = .running(GuestProcessTable(port: port))
            let streams = GuestStreams(port: port, spec: spec) { [weak self] in
                self?.fail(.protocol, "the guest broke the protocol: \($0)")
            }
            self.streams = streams
            port.onOpened = { [unowned streams] in streams.opened($0, kind: $1, payload: $2) }
            watchOutput()
            tell(.success(ready))
        case (_, .failed(let text)):
            refuse("the guest could not be set up: \(ConsoleText.sanitized(text, limit: 1_000))")
        case (_, .notice(let bytes)):
            guard notices.admits(now: Reactor.now()) else { return }
            events.log(.warn, "guest: \(ConsoleText.sanitized(bytes, limit: 1_000))")
        case (.running(let table), _): handle(message, table)
        default: fail(.protocol, "the guest broke the protocol: control message \(message.kind) at the wrong time")
        }
    }

    private func handle(_ message: ControlMessage, _ table: GuestProcessTable) {
        do throws(GuestProcessTable.Violation) {
            switch message {
            case .started(let process, let pid): try table.handleStarted(process, pid: pid)
            case .startFailed(let process, let stage, let errno):
                try table.handleStartFailed(process, stage: stage, errno: errno)
            case .exited(let process, let status): try table.handleExited(process, status)
            case .stopped(let process, let number):
                guard table.isRunning(process), let signal = GuestSignal(number: number),
                    stops.admits(now: Reactor.now())
                else { return }
                events.processStopped(process, by: signal)
            default: throw .init(message: "control message \(message.kind) at the wrong time")
            }
        } catch {
            fail(.protocol, "the guest broke the protocol: \(error.message)")
        }
    }

    /// Looks once a second whether a guest that does not read makes us hoard answers.
    private func watchOutput() {
        reactor.after(milliseconds: 1_000) { [weak self] in
            guard let self, case .running = state else { return }
            if port.multiplexer.output.count > Self.outputLimitBytes {
                fail(.protocol, "the guest does not read what it asks for")
            } else {
                watchOutput()
            }
        }
    }
}
