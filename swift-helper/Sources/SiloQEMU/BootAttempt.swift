import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// One try to bring the guest up: from QEMU's start to CONFIGURED, bounded in time. A booted guest says HELLO and is
/// configured then; a restored one waits for CONFIGURE and answers with both.
final class BootAttempt {
    enum Outcome {
        case up(kernel: String, agent: String)
        /// Another attempt may go better.
        case stuck(String)
        /// QEMU ended by itself.
        case exited(HostExit)
        /// It came up, and says that it cannot be used as asked. Another attempt would say the same.
        case refused(HelperError)

        /// What went wrong, in words; nil: nothing.
        var failure: String? {
            switch self {
            case .up: nil
            case .stuck(let why): why
            case .exited(let exit): "QEMU \(exit)"
            case .refused(let error): error.message
            }
        }
    }

    let instance: QEMUInstance
    let isRestored: Bool
    /// Milliseconds from QEMU's start to HELLO, and from there to CONFIGURED.
    private(set) var bootMs = 0
    private(set) var configureMs = 0
    private let configuration: () -> Configuration
    private let started = Reactor.now()
    private var hello: (kernel: String, agent: String)?
    private var timer: Timer?
    private var onOutcome: ((Outcome) -> Void)?

    /// `configuration` is asked for when the guest can be told, so that its clock is right. `onOutcome` is called once;
    /// QEMU still runs then, except after `exited`.
    init(
        _ instance: QEMUInstance, isRestored: Bool, reactor: Reactor, timeoutMs: Int,
        configuration: @escaping () -> Configuration,
        onOutcome: @escaping (Outcome) -> Void
    ) {
        self.instance = instance
        self.isRestored = isRestored
        self.configuration = configuration
        self.onOutcome = onOutcome
        timer = reactor.after(milliseconds: timeoutMs) { [weak self] in
            self?.finish(.stuck("the VM was not ready after \(Self.seconds(timeoutMs))"))
        }
        instance.onPanic = { [weak self] in self?.finish(.stuck("the guest's kernel panicked")) }
        instance.onExit = { [weak self] in self?.finish(.exited($0)) }
        instance.onRefusal = { [weak self] in self?.finish(.stuck("QEMU refused to restore it: \($0)")) }
        instance.port.onControl = { [weak self] in self?.handle($0) }
        instance.port.onClosed = { [weak self] end in
            // QEMU's own end closes the port too, and says more.
            guard case .protocolError = end else { return }
            self?.finish(.stuck("the guest broke the protocol: \(end)"))
        }
        if isRestored { instance.port.send(.configure(configuration())) }
    }

    private func handle(_ message: ControlMessage) {
        switch message {
        case .hello(let version, let agent, let kernel) where hello == nil:
            guard version == WireLimits.version else {
                return finish(
                    .refused(
                        HelperError(
                            .guest,
                            "the guest agent speaks wire version \(version), silo-helper speaks \(WireLimits.version)",
                            hint: "the machine's initrd is of another release: remove the silo home's machine/ folder"))
                )
            }
            bootMs = ageMs
            hello = (ConsoleText.sanitized(kernel, limit: 128), ConsoleText.sanitized(agent, limit: 64))
            if !isRestored { instance.port.send(.configure(configuration())) }
        case .configured:
            guard let hello else { return finish(.stuck("the guest broke the protocol: CONFIGURED before HELLO")) }
            configureMs = ageMs - bootMs
            finish(.up(kernel: hello.kernel, agent: hello.agent))
        case .failed(let message):
            finish(
                .refused(
                    HelperError(
                        .guest, "the guest could not be set up: \(ConsoleText.sanitized(message, limit: 1_000))",
                        console: instance.console.tail)))
        case .notice: return
        default: finish(.stuck("the guest broke the protocol: control message \(message.kind) before CONFIGURED"))
        }
    }

    private func finish(_ outcome: Outcome) {
        guard let onOutcome else { return }
        self.onOutcome = nil
        timer?.cancel()
        instance.onPanic = {}
        onOutcome(outcome)
    }

    /// Since QEMU's start.
    var ageMs: Int { Int((Reactor.now() - started) / 1_000_000) }

    static func seconds(_ milliseconds: Int) -> String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
    }
}
