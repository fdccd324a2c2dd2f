import CSilo
import CSiloHost
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// One QEMU process and our ends of its channels. Belongs to its reactor's thread; ends with it.
final class QEMUInstance {
    /// What the agent's port carries.
    let port: WirePort
    private(set) var console = ConsoleLog()
    /// Called at the first sign of a kernel panic.
    var onPanic: () -> Void = {}
    /// Called once, when the process is reaped and its last words are read.
    var onExit: (HostExit) -> Void = { _ in }
    private(set) var exit: HostExit?
    /// How long a process that outlives QEMU may keep its channels open.
    private static let lastWordsMs = 1_000

    private let reactor: Reactor
    private let pid: pid_t
    private let agentSocket: Int32
    private let consoleSocket: Int32
    /// A clone's QEMU does not do what it was told.
    var onRefusal: (String) -> Void = { _ in }
    private var controlAnswers: Capture?
    private var openTrap: OpenTrap?
    /// Our end of QEMU's control protocol; -1 in machines that boot from cold.
    let controlSocket: Int32
    private var consoleWatch: Watch!
    private var errors: Capture!
    private var reaped: HostExit?
    private var pidDescriptor: Int32 = -1
    private var pidWatch: Watch?

    /// What brings a clone to life, if its maker has not been told to do so.
    let commands: [String]

    /// Starts it. `descriptors` of the arguments are filled in and need no closing by the caller.
    /// - Parameter restores: whether a clone comes to life by itself.
    /// - Throws: `HelperError` (`noHypervisor` or `disk`).
    init(_ launch: QEMULaunch, reactor: Reactor, restores: Bool = true) throws {
        self.reactor = reactor
        let agent = try IO.socketPair()
        let console = try IO.socketPair()
        let control = launch.kind.isControlled ? try IO.socketPair() : nil
        let trap = launch.kind.snapshot == nil ? nil : try IO.socketPair()
        defer { for fd in [trap?.0, trap?.1] { if let fd { _ = close(fd) } } }
        let errorPipe = try IO.pipe(nonblocking: false)
        do {
            defer { for fd in [agent.1, console.1, errorPipe.write, control?.1 ?? -1] where fd >= 0 { _ = close(fd) } }
            (pid, commands) = try launch.spawn(
                .init(
                    agent: agent.1, console: console.1, control: control?.1, standardError: errorPipe.write,
                    openTrap: trap?.1))
            if let trap, let snapshot = launch.kind.snapshot {
                do {
                    openTrap = try OpenTrap(socket: trap.0, path: snapshot.memory, reactor: reactor)
                } catch {
                    _ = SiloIO.kill(pid, SIGKILL)
                    waitpid(pid, nil, 0)
                    throw error
                }
            }
        } catch {
            for fd in [agent.0, console.0, errorPipe.read, control?.0 ?? -1] where fd >= 0 { _ = close(fd) }
            throw error
        }
        controlSocket = control?.0 ?? -1
        agentSocket = agent.0
        consoleSocket = console.0
        port = WirePort(fd: agentSocket, multiplexer: Multiplexer(role: .host), reactor: reactor)
        errors = Capture(errorPipe.read, 8_192, reactor)
        consoleWatch = reactor.watch(consoleSocket, .read) { [weak self] _ in self?.readConsole() }
        watchProcess()
        if restores { restore(commands) }
    }

    /// Sends what brings a clone to life, at once: QEMU takes one command after another. All that it can answer is that
    /// it refuses one.
    private func restore(_ commands: [String]) {
        guard !commands.isEmpty else { return }
        let text = Array((commands.joined(separator: "\n") + "\n").utf8)
        text.withUnsafeBytes { _ = IO.write(controlSocket, $0) }
        let answers = Capture(controlSocket, 8_192, reactor)
        answers.onBytes = { [weak self, unowned answers] in
            let lines = ConsoleText.sanitized(answers.bytes, limit: 4_096).split(separator: "\n")
            if let refusal = lines.first(where: { $0.hasPrefix(#"{"error""#) }) { self?.onRefusal(String(refusal)) }
        }
        controlAnswers = answers
    }

    /// What QEMU said on its standard error, sanitised: at most 1,000 bytes.
    var errorText: String {
        let text = ConsoleText.sanitized(errors.bytes, limit: 1_000, keepEnd: true)
        return text.split(separator: "\n").joined(separator: "; ")
    }

    /// Ends the process; `onExit` follows.
    func kill() {
        guard reaped == nil else { return }
        _ = SiloIO.kill(pid, SIGKILL)
    }

    /// Ends the process and waits until it is gone, at most ten seconds; nobody else is told. For a thread that has
    /// nothing else to do.
    func killAndWait() {
        onExit = { _ in }
        port.onClosed = { _ in }
        kill()
        _ = reactor.run(until: { exit != nil }, milliseconds: 10_000)
    }

    private func watchProcess() {
        pidDescriptor = silo_pidfd_open(pid)
        guard pidDescriptor >= 0 else { return pollProcess() }
        pidWatch = reactor.watch(pidDescriptor, .read) { [weak self] _ in self?.reap() }
    }

    /// For kernels without process descriptors.
    private func pollProcess() {
        reap()
        if reaped == nil { reactor.after(milliseconds: 20) { [weak self] in self?.pollProcess() } }
    }

    private func reap() {
        var status: Int32 = 0
        guard reaped == nil, waitpid(pid, &status, WNOHANG) == pid else { return }
        reaped = HostExit(status: status)
        pidWatch?.remove()
        if pidDescriptor >= 0 { _ = close(pidDescriptor) }
        // In a jail our child is bubblewrap, and QEMU, its grandchild, dies a moment later: it is gone when the last
        // holder of its standard error is.
        errors.onEnd = { [weak self] in self?.finish() }
        reactor.after(milliseconds: Self.lastWordsMs) { [weak self] in self?.finish() }
        errors.hasEnded ? finish() : errors.read()
    }

    private func finish() {
        guard exit == nil, let reaped else { return }
        exit = reaped
        readConsole()
        closeChannels()
        onExit(reaped)
    }

    private func closeChannels() {
        port.close()
        consoleWatch.remove()
        errors.close()
        controlAnswers?.detach()
        openTrap = nil
        for fd in [agentSocket, consoleSocket, controlSocket] where fd >= 0 { _ = close(fd) }
    }

    private func readConsole() {
        // A few buffers a turn: a guest that prints without end gets no more of this thread than that.
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { buffer in
            for _ in 0..<4 {
                switch IO.read(consoleSocket, into: buffer) {
                case .bytes(let count):
                    let before = console.sawPanic
                    console.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    if console.sawPanic, !before { onPanic() }
                case .wouldBlock: return
                case .end, .failed:
                    consoleWatch.isPaused = true
                    return
                }
            }
        }
    }
}
