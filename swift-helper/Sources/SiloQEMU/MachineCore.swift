import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// One machine from its first boot attempt to its end. Belongs to its reactor's thread, which lives as long as the
/// helper does.
final class MachineCore {
    enum State {
        /// Nothing was started.
        case idle
        case booting(BootAttempt)
        case running(QEMUInstance, RunningGuest)
        /// QEMU is killed and not reaped yet.
        case stopping(QEMUInstance)
        case ended
    }

    struct Setup: Sendable {
        var spec: MachineSpec
        var command: [String]
        var jail: Jail?
        var probe: AcceleratorProbe
        var accelerator: AcceleratorName
        var board: Board
        var emptyDirectory: String
        /// nil: this machine boots from cold.
        var snapshots: SnapshotStore?

        var launch: QEMULaunch {
            QEMULaunch(
                spec: spec, command: command, accelerator: accelerator, board: board, jail: jail,
                emptyDirectory: emptyDirectory)
        }
    }

    let reactor: Reactor
    let events: any MachineEvents
    var setup: Setup
    var state = State.idle
    /// Boots from cold.
    var attempts = 0
    var hasTriedSnapshot = false
    private var hasToldTime = false
    var timings: [MachineStarted.Timing] = []
    /// There while the boot is under way.
    var booted: ((Result<MachineStarted, HelperError>) -> Void)?
    private var stopped: [() -> Void] = []

    init(reactor: Reactor, setup: Setup, events: any MachineEvents) {
        self.reactor = reactor
        self.setup = setup
        self.events = events
    }

    /// Kills QEMU and calls `done` when it is gone; within two seconds in any case.
    func stop(_ done: @escaping () -> Void) {
        if case .ended = state { return done() }
        stopped.append(done)
        switch state {
        case .idle: end()
        case .booting(let attempt): kill(attempt.instance)
        case .running(let instance, let guest):
            guest.close(HelperError(.machineGone, "the VM was stopped"))
            kill(instance)
        case .stopping, .ended: return
        }
    }

    /// The guest is up and configured.
    func run(_ instance: QEMUInstance) {
        let guest = RunningGuest(port: instance.port, spec: setup.spec, events: events) { [weak self] in
            self?.fail(.protocol, $0)
        }
        state = .running(instance, guest)
        instance.port.onClosed = { [weak self] in self?.portClosed($0) }
        instance.onExit = { [weak self] in self?.exited($0) }
    }

    /// There while programs can be started.
    var guest: RunningGuest? {
        if case .running(_, let guest) = state { guest } else { nil }
    }

    /// Sets the guest's clock right before its first program: CONFIGURE may have been on its way while the guest came up.
    func tellTime() {
        guard !hasToldTime else { return }
        hasToldTime = true
        guest?.send(.clock(Configuration.now()))
    }

    /// Forgets the machine; nothing of it is left.
    func end() {
        if case .ended = state { return }
        state = .ended
        rmdir(setup.emptyDirectory)
        booted?(.failure(HelperError(.machineGone, "the VM was stopped")))
        booted = nil
        let waiting = stopped
        stopped = []
        for done in waiting { done() }
    }

    /// Ends QEMU, and the machine once it is reaped.
    private func kill(_ instance: QEMUInstance) {
        state = .stopping(instance)
        guard instance.exit == nil else { return end() }
        // A process that hangs in the kernel cannot be reaped; it dies all the same, and nobody waits for it.
        reactor.after(milliseconds: 1_800) { [weak self] in self?.end() }
        instance.onExit = { [weak self] _ in self?.end() }
        instance.kill()
    }

    private func portClosed(_ end: PortEnd) {
        switch end {
        case .protocolError: fail(.protocol, "the guest broke the protocol: \(end)")
        // QEMU closes its end when it ends, and how it ended tells more: give it a moment.
        case .hungUp, .failed:
            reactor.after(milliseconds: 500) { [weak self] in self?.fail(.lost, "the VM's channel broke: \(end)") }
        }
    }

    /// QEMU ended although nobody asked it to.
    private func exited(_ exit: HostExit) {
        guard case .running(let instance, _) = state else { return }
        let (reason, message) = Self.explain(exit, instance)
        fail(reason, message)
    }

    static func explain(_ exit: HostExit, _ instance: QEMUInstance) -> (MachineExited.Reason, String) {
        if instance.console.sawPanic { return (.panic, "the guest's kernel panicked") }
        switch exit {
        case .signal(let number): return (.killed, "QEMU \(HostExit.signal(number))")
        // bubblewrap passes the end of what it runs on as a shell does.
        case .code(let code) where code > 128 && code <= 192: return (.killed, "QEMU \(HostExit.signal(code - 128))")
        case .code(0): return (.crashed, "the guest switched itself off")
        case .code:
            let text = instance.errorText
            return (.crashed, "QEMU \(exit)" + (text.isEmpty ? "" : ": \(text)"))
        }
    }

    /// Ends the running machine and reports it once it is gone.
    private func fail(_ reason: MachineExited.Reason, _ message: String) {
        guard case .running(let instance, let guest) = state else { return }
        let report = MachineExited(reason: reason, message: message, console: instance.console.tail)
        guest.close(HelperError(.machineGone, message, console: report.console))
        stopped.append { [events] in events.exited(report) }
        kill(instance)
    }
}
