import CSilo
import SiloIO
import SiloWire

/// The descriptors of one tool: the ends that it gets and the ends that the agent keeps.
struct ToolStdio {
    /// For the tool: 0, 1 and 2; SILO_STDIO_… for what a waiting tool has already.
    private(set) var tool: [Int32] = []
    /// The pty's slave, -1 without a terminal.
    private(set) var slave: Int32 = -1

    /// The agent's ends, -1 where there is none.
    private(set) var master: Int32 = -1
    private(set) var stdin: Int32 = -1
    private(set) var stdout: Int32 = -1
    private(set) var stderr: Int32 = -1

    /// Bytes that a pipe holds: more than the kernel's 64 KiB lets both sides work longer between two switches.
    static let pipeBytes: Int32 = 256 << 10

    /// `owner`: who may open the ends again by /proc/self/fd, as `/dev/stdout` does; nil: nobody else. `waiting`: who has
    /// pipes already, and sees to their owner.
    init(_ request: StartRequest, owner: Files.Owner?, waiting: WaitingTool?) throws(SystemError) {
        do throws(SystemError) {
            if request.stdio.hasTerminal { try openTerminal(request, owner) }
            (stdin, stdout, stderr) = (
                try add(request.stdio.stdin, owner, waiting),
                try add(request.stdio.stdout, owner, waiting),
                try add(request.stdio.stderr, owner, waiting)
            )
        } catch {
            closeToolEnds()
            for fd in [master, stdin, stdout, stderr] where fd >= 0 { close(fd) }
            throw error
        }
    }

    /// The agent must not hold them: it waits for their end.
    mutating func closeToolEnds() {
        for fd in Set(tool + [slave]) where fd >= 0 { close(fd) }
        tool = []
        slave = -1
    }

    private mutating func openTerminal(_ request: StartRequest, _ owner: Files.Owner?) throws(SystemError) {
        let cooked: Int32 = request.terminalMode == .cooked ? 1 : 0
        guard silo_pty_open(&master, &slave, cooked, request.rows, request.columns) == 0 else {
            throw SystemError("open a pty")
        }
        // The group stays "tty", which devpts has set.
        if let owner { _ = fchown(slave, owner.uid, gid_t.max) }
    }

    /// Adds the tool's end of one stdio and returns the agent's.
    private mutating func add(
        _ kind: StartRequest.StdioKind, _ owner: Files.Owner?, _ waiting: WaitingTool?
    ) throws(SystemError) -> Int32 {
        let number = tool.count
        switch kind {
        case .terminal:
            tool.append(slave)
            return -1
        case .null:
            if waiting != nil {
                tool.append(Int32(SILO_STDIO_NULL))
                return -1
            }
            let fd = silo_open("/dev/null", O_RDWR, 0)
            guard fd >= 0 else { throw SystemError("open /dev/null") }
            tool.append(fd)
            return -1
        case .pipe:
            if let waiting {
                tool.append(Int32(SILO_STDIO_PIPE))
                return waiting.takePipe(number)
            }
            let ends = try IO.pipe(nonblocking: false)
            let (theirs, ours) = number == 0 ? (ends.read, ends.write) : (ends.write, ends.read)
            // A pipe's two ends are opened separately: only ours does not block.
            _ = silo_set_nonblocking(ours, 1)
            _ = silo_pipe_capacity(ours, ToolStdio.pipeBytes)
            if let owner { _ = fchown(theirs, owner.uid, owner.gid) }
            tool.append(theirs)
            return ours
        }
    }
}
