import CSilo
import SiloIO
import SiloWire

/// One tool: its supervisor, its stdio on the wire, and its life from START to EXITED.
///
/// EXITED goes out once the tool itself is gone and what it left in its pipes and its terminal has been sent; children
/// that it left behind may keep those open, so their end is not waited for.
final class ToolProcess {
    let id: UInt32
    private let request: StartRequest
    private let port: WirePort
    private var handle = silo_tool_handle(supervisor: -1, events: -1, leash: -1)
    private var waiting: WaitingTool?
    /// Where the tool's ends lie until it has them.
    private var held: ToolStdio?
    private var pid: pid_t = 0
    private var events: Watch?
    private var master: Int32 = -1
    private var input: StreamSink?
    private var terminalInput: TerminalInput?
    private var outputs: [StreamSource] = []
    private var openOutputs = 0
    private var exit: ControlMessage.ExitStatus?
    /// Signals that came before the tool was there.
    private var earlySignals: [(number: Int32, scope: ControlMessage.SignalScope)] = []
    /// Called before EXITED, while nothing of the tool runs any more.
    private let beforeExit: () -> Void
    /// Called when everything is over, with the supervisor's pid for whoever has to reap it.
    private let onGone: (pid_t) -> Void

    init(
        _ request: StartRequest, port: WirePort, beforeExit: @escaping () -> Void = {},
        onGone: @escaping (pid_t) -> Void
    ) {
        id = request.process
        self.request = request
        self.port = port
        self.beforeExit = beforeExit
        self.onGone = onGone
    }

    /// Starts the supervisor, or has `waiting` become the tool; without `limits` the process is refused, since the
    /// machine is not ready. Whatever goes wrong in the guest ends in START_FAILED; an error is the host's, which broke
    /// the protocol.
    func start(_ limits: ToolLimits?, _ waiting: WaitingTool?) throws(WireError) {
        let streams = request.streams
        if streams.stdin != 0 { try port.multiplexer.acceptImplicit(streams.stdin, .receive) }
        for id in [streams.stdout, streams.stderr, streams.terminal] where id != 0 {
            try port.multiplexer.acceptImplicit(id, .send)
        }
        guard let limits else { return fail(.setup, errno: EBUSY) }
        do throws(SystemError) {
            let owner = limits.isInit ? Files.Owner(uid: request.uid, gid: request.gid) : nil
            let stdio = try ToolStdio(request, owner: owner, waiting: waiting)
            self.waiting = waiting
            held = stdio
            master = stdio.master
            connect(stdio)
            guard spawn(stdio, limits) == 0 else { throw SystemError("start a process") }
            // A tool that waited opens what is not a pipe itself.
            if waiting == nil { closeToolEnds() }
            events = port.reactor.watch(handle.events, .read) { [unowned self] _ in readEvents() }
        } catch {
            fail(.setup, errno: error.errno)
        }
    }

    /// SIGNAL. Without effect once the tool is gone.
    func signal(_ number: Int32, _ scope: ControlMessage.SignalScope) {
        guard exit == nil else { return }
        guard pid > 0 else { return earlySignals.append((number, scope)) }
        switch scope {
        case .process: kill(pid, number)
        case .group:
            let foreground = master >= 0 ? silo_pty_foreground(master) : -1
            kill(-(foreground > 0 ? foreground : pid), number)
        }
    }

    /// RESIZE; the kernel sends SIGWINCH.
    func resize(rows: UInt16, columns: UInt16) {
        if master >= 0 { _ = silo_pty_resize(master, rows, columns) }
    }

    private func connect(_ stdio: ToolStdio) {
        let streams = request.streams
        if stdio.stdin >= 0 {
            input = StreamSink(fd: stdio.stdin, stream: streams.stdin, port: port) { [unowned self] _ in input = nil }
        } else if streams.stdin != 0 {
            // Held until the input is over: the supervisor holds the terminal open as long anyway.
            terminalInput = TerminalInput(
                master: stdio.master, slave: fcntl(stdio.slave, F_DUPFD_CLOEXEC, 3), stream: streams.stdin, port: port)
        }
        for (fd, stream) in [
            (stdio.stdout, streams.stdout), (stdio.stderr, streams.stderr), (stdio.master, streams.terminal),
        ] where fd >= 0 {
            openOutputs += 1
            // The master is closed when the process is over: input and size go over it too. But when the host does not
            // want the output any more, the terminal hangs up.
            let isTerminal = fd == stdio.master
            outputs.append(
                StreamSource(fd: fd, stream: stream, port: port, closesDescriptor: !isTerminal) { [unowned self] end in
                    openOutputs -= 1
                    if isTerminal, end != .finished { hangUp() }
                    finishIfOver()
                })
        }
    }

    private func spawn(_ stdio: ToolStdio, _ limits: ToolLimits) -> Int32 {
        let arguments = CStrings(request.arguments)
        let environment = CStrings(request.environment)
        return withExtendedLifetime((arguments, environment)) {
            Path(request.workingDirectory).withCString { directory in
                request.groups.withUnsafeBufferPointer { groups in
                    var tool = silo_tool()
                    tool.argv = UnsafePointer(arguments.pointers)
                    tool.envp = UnsafePointer(environment.pointers)
                    tool.directory = directory
                    tool.stdio = (stdio.tool[0], stdio.tool[1], stdio.tool[2])
                    tool.terminal = stdio.slave
                    tool.set_user = limits.isInit ? 1 : 0
                    tool.uid = request.uid
                    tool.gid = request.gid
                    tool.groups = groups.baseAddress
                    tool.group_count = groups.count
                    tool.open_files = (limits.openFilesSoft, limits.openFilesHard)
                    tool.cgroup_procs = limits.cgroup
                    tool.reset_oom_score = limits.isInit ? 1 : 0
                    return waiting?.start(&tool, &handle) ?? silo_tool_start(&tool, &handle)
                }
            }
        }
    }

    private func readEvents() {
        while exit == nil, handle.events >= 0 {
            var event = silo_tool_event()
            switch withUnsafeMutableBytes(of: &event, { IO.read(handle.events, into: $0) }) {
            case .bytes(MemoryLayout<silo_tool_event>.size): take(event)
            case .wouldBlock: return
            // The supervisor itself was killed: nobody will know how the tool ended.
            default: return pid > 0 ? exited(.signal(UInt8(SIGKILL))) : fail(.setup, errno: ECHILD)
            }
        }
    }

    private func take(_ event: silo_tool_event) {
        switch Int(event.type) {
        case Int(SILO_TOOL_STARTED):
            pid = event.value
            closeToolEnds()
            port.send(.started(process: id, pid: UInt32(pid)))
            for early in earlySignals { signal(early.number, early.scope) }
            earlySignals = []
        case Int(SILO_TOOL_FAILED):
            fail(
                ControlMessage.StartStage(rawValue: UInt8(truncatingIfNeeded: event.stage)) ?? .setup,
                errno: event.value)
        case Int(SILO_TOOL_STOPPED):
            port.send(.stopped(process: id, signal: UInt8(truncatingIfNeeded: event.value)))
        case Int(SILO_TOOL_EXITED): exited(.code(UInt8(truncatingIfNeeded: event.value)))
        case Int(SILO_TOOL_SIGNALED): exited(.signal(UInt8(truncatingIfNeeded: event.value)))
        default: break
        }
    }

    private func exited(_ status: ControlMessage.ExitStatus) {
        exit = status
        events?.isPaused = true
        closeInput()
        for output in outputs { output.finishWhenEmpty() }
        finishIfOver()
    }

    private func finishIfOver() {
        guard let exit, openOutputs == 0, events != nil else { return }
        beforeExit()
        port.send(.exited(process: id, status: exit))
        release()
    }

    private func fail(_ stage: ControlMessage.StartStage, errno code: Int32) {
        closeInput()
        for output in outputs { output.cancel() }
        for id in [request.streams.stdin, request.streams.stdout, request.streams.stderr, request.streams.terminal] {
            port.multiplexer.reset(id, reason: ResetReason.failed)
        }
        port.send(.startFailed(process: id, stage: stage, errno: code))
        release()
    }

    private func closeToolEnds() {
        held?.closeToolEnds()
        held = nil
    }

    private func closeInput() {
        input?.cancel()
        input = nil
        terminalInput?.cancel()
        terminalInput = nil
    }

    private func hangUp() {
        guard master >= 0 else { return }
        terminalInput?.cancel()
        terminalInput = nil
        close(master)
        master = -1
    }

    /// Lets go of the supervisor, and with it of the terminal.
    private func release() {
        closeToolEnds()
        waiting = nil
        events?.remove()
        events = nil
        for fd in [handle.events, handle.leash, master] where fd >= 0 { close(fd) }
        master = -1
        outputs = []
        let supervisor = handle.supervisor
        handle = silo_tool_handle(supervisor: -1, events: -1, leash: -1)
        onGone(supervisor)
    }
}
