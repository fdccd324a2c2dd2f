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
        case running(RunningGuest)
        case over
    }

    private let fd: Int32
    private let port: WirePort
    private let spec: MachineSpec
    private let configuration: Configuration
    private let events: any MachineEvents
    private var state = State.silent
    private var ready: ((Result<Ready, HelperError>) -> Void)?
    /// Called once when the guest is of no more use, unless `close` came first.
    private let onEnd: (MachineExited.Reason, String) -> Void
    private var notices = RateLimit(burst: 20, perSecond: 2)

    /// Takes `fd` over, which is connected and non-blocking. `ready` is told once.
    init(
        fd: Int32, reactor: Reactor, spec: MachineSpec, configuration: Configuration, events: any MachineEvents,
        ready: @escaping (Result<Ready, HelperError>) -> Void,
        onEnd: @escaping (MachineExited.Reason, String) -> Void
    ) {
        self.fd = fd
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
    var guest: RunningGuest? { if case .running(let guest) = state { guest } else { nil } }

    /// Ends it from this side: everything that is open fails with `error`.
    func close(_ error: HelperError) {
        let guest = guest
        state = .over
        guest?.close(error)
        tell(.failure(error))
        guard !isReleased else { return }
        isReleased = true
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

    /// Until the agent is configured; afterwards the running guest hears it.
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
            state = .running(
                RunningGuest(port: port, spec: spec, events: events) { [weak self] in self?.fail(.protocol, $0) })
            tell(.success(ready))
        case (_, .failed(let text)):
            refuse("the guest could not be set up: \(ConsoleText.sanitized(text, limit: 1_000))")
        case (_, .notice(let bytes)):
            RunningGuest.tell(bytes, &notices, events)
        default: fail(.protocol, "the guest broke the protocol: control message \(message.kind) at the wrong time")
        }
    }
}
