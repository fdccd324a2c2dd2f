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
    private var consoleWatch: Watch!
    private var errors: Capture!
    private var reaped: HostExit?
    private var pidDescriptor: Int32 = -1
    private var pidWatch: Watch?

    /// Starts it. `descriptors` of the arguments are filled in and need no closing by the caller.
    /// - Throws: `HelperError` (`noHypervisor` or `disk`).
    init(_ launch: QEMULaunch, reactor: Reactor) throws {
        self.reactor = reactor
        let agent = try IO.socketPair()
        let console = try IO.socketPair()
        let errorPipe = try IO.pipe(nonblocking: false)
        do {
            defer { for fd in [agent.1, console.1, errorPipe.write] { _ = close(fd) } }
            pid = try launch.spawn(agent: agent.1, console: console.1, standardError: errorPipe.write)
        } catch {
            for fd in [agent.0, console.0, errorPipe.read] { _ = close(fd) }
            throw error
        }
        agentSocket = agent.0
        consoleSocket = console.0
        port = WirePort(fd: agentSocket, multiplexer: Multiplexer(role: .host), reactor: reactor)
        errors = Capture(errorPipe.read, 8_192, reactor)
        consoleWatch = reactor.watch(consoleSocket, .read) { [weak self] _ in self?.readConsole() }
        watchProcess()
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
        for fd in [agentSocket, consoleSocket] { _ = close(fd) }
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
