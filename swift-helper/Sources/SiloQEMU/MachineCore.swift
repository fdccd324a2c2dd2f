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
        case running(QEMUInstance, GuestProcessTable)
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
        var emptyDirectory: String
        /// nil: this machine boots from cold.
        var snapshots: SnapshotStore?

        var launch: QEMULaunch {
            QEMULaunch(
                spec: spec, command: command, accelerator: accelerator, jail: jail, emptyDirectory: emptyDirectory)
        }
    }

    /// Output that waits for the guest, over which it counts as an attack: all it can honestly be is the window of each
    /// stream and the control messages.
    private static let outputLimitBytes = 64 << 20

    let reactor: Reactor
    let events: any MachineEvents
    var setup: Setup
    var state = State.idle
    private var streams: GuestStreams?
    /// Boots from cold.
    var attempts = 0
    var hasTriedSnapshot = false
    private var hasToldTime = false
    var timings: [MachineStarted.Timing] = []
    /// There while the boot is under way.
    var booted: ((Result<MachineStarted, HelperError>) -> Void)?
    private var stopped: [() -> Void] = []
    private var notices = RateLimit(burst: 20, perSecond: 2)
    private var listenings = RateLimit(burst: 20, perSecond: 2)
    private var stops = RateLimit(burst: 50, perSecond: 20)

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
        case .running(let instance, let table):
            table.close(HelperError(.machineGone, "the VM was stopped"))
            kill(instance)
        case .stopping, .ended: return
        }
    }

    /// The guest is up and configured.
    func run(_ instance: QEMUInstance) {
        let table = GuestProcessTable(port: instance.port)
        state = .running(instance, table)
        let streams = GuestStreams(port: instance.port, spec: setup.spec) { [weak self] in
            self?.fail(.protocol, "the guest broke the protocol: \($0)")
        }
        self.streams = streams
        instance.port.onOpened = { [weak streams] in streams?.opened($0, kind: $1, payload: $2) }
        instance.port.onControl = { [weak self] in self?.handle($0, table) }
        instance.port.onClosed = { [weak self] in self?.portClosed($0) }
        instance.onExit = { [weak self] in self?.exited($0) }
        watchOutput()
    }

    var runningTable: GuestProcessTable? {
        if case .running(_, let table) = state { table } else { nil }
    }

    /// Sends a control message if the machine runs.
    func send(_ message: ControlMessage) {
        if case .running(let instance, _) = state { instance.port.send(message) }
    }

    /// Sets the guest's clock right before its first program: CONFIGURE may have been on its way while the guest came up.
    func tellTime() {
        guard !hasToldTime else { return }
        hasToldTime = true
        send(.clock(Configuration.now()))
    }

    /// Carries a connection to a port of the guest.
    func openPort(_ port: UInt16, stream: UInt32) throws(HelperError) {
        guard case .running = state, let streams else { throw HelperError(.machineGone, "the VM has ended") }
        try streams.openPort(port, stream: stream)
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
        streams?.close()
        streams = nil
        guard instance.exit == nil else { return end() }
        // A process that hangs in the kernel cannot be reaped; it dies all the same, and nobody waits for it.
        reactor.after(milliseconds: 1_800) { [weak self] in self?.end() }
        instance.onExit = { [weak self] _ in self?.end() }
        instance.kill()
    }

    private func handle(_ message: ControlMessage, _ table: GuestProcessTable) {
        do throws(GuestProcessTable.Violation) {
            switch message {
            case .started(let process, let pid): try table.handleStarted(process, pid: pid)
            case .startFailed(let process, let stage, let errno):
                try table.handleStartFailed(process, stage: stage, errno: errno)
            case .exited(let process, let status): try table.handleExited(process, status)
            case .stopped(let process, let number): handleStopped(process, number, table)
            case .notice(let message): handleNotice(message)
            case .listening(let ports): handleListening(ports)
            default: throw .init(message: "control message \(message.kind) at the wrong time")
            }
        } catch {
            fail(.protocol, "the guest broke the protocol: \(error.message)")
        }
    }

    private func handleStopped(_ process: UInt32, _ number: UInt8, _ table: GuestProcessTable) {
        guard table.isRunning(process), let signal = GuestSignal(number: number), stops.admits(now: Reactor.now())
        else {
            return
        }
        events.processStopped(process, by: signal)
    }

    private func handleNotice(_ bytes: [UInt8]) {
        guard notices.admits(now: Reactor.now()) else { return }
        events.log(.warn, "guest: \(ConsoleText.sanitized(bytes, limit: 1_000))")
    }

    private func handleListening(_ ports: [UInt16]) {
        guard setup.spec.watchPorts, listenings.admits(now: Reactor.now()) else { return }
        events.portsListening(ports)
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
        guard case .running(let instance, let table) = state else { return }
        let report = MachineExited(reason: reason, message: message, console: instance.console.tail)
        table.close(HelperError(.machineGone, message, console: report.console))
        stopped.append { [events] in events.exited(report) }
        kill(instance)
    }

    /// Looks once a second whether a guest that does not read makes us hoard answers.
    private func watchOutput() {
        reactor.after(milliseconds: 1_000) { [weak self] in
            guard let self, case .running(let instance, _) = state else { return }
            if instance.port.multiplexer.output.count > Self.outputLimitBytes {
                fail(.protocol, "the guest does not read what it asks for")
            } else {
                watchOutput()
            }
        }
    }
}
