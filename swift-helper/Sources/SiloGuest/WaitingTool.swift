import CSilo
import SiloIO

/// The supervisor and the process of a tool that is not known yet. They are forked before the machine becomes a
/// snapshot: the two forks cost an emulated machine 10 to 25 ms of each start.
final class WaitingTool {
    private var waiting = silo_waiting_tool()
    /// The agent's ends of the pipes that nobody has taken.
    private var pipes: [Int32] = []
    private var isStarted = false

    var supervisor: pid_t { waiting.handle.supervisor }

    /// `user`: who most likely runs it, where the agent is init and may set users; it takes its own protection from the
    /// kernel's out-of-memory killer away from the process then.
    init(user: Files.Owner?) throws(SystemError) {
        var owner = silo_tool_user(uid: user?.uid ?? 0, gid: user?.gid ?? 0)
        let isInit = user != nil
        let result = withUnsafePointer(to: &owner) { owner in
            silo_waiting_tool_fork(&waiting, ToolStdio.pipeBytes, isInit ? owner : nil, isInit ? 1 : 0)
        }
        guard result == 0 else { throw SystemError("fork ahead") }
        pipes = [waiting.stdio.0, waiting.stdio.1, waiting.stdio.2]
    }

    deinit {
        for fd in pipes where fd >= 0 { close(fd) }
        if !isStarted { for fd in [waiting.handle.events, waiting.handle.leash] { close(fd) } }
        silo_waiting_tool_release(&waiting)
    }

    /// The agent's end of the pipe for the tool's descriptor 0, 1 or 2; it is the caller's from here on.
    func takePipe(_ number: Int) -> Int32 {
        defer { pipes[number] = -1 }
        return pipes[number]
    }

    /// Has the process become the tool; the handle is the caller's from here on, whatever comes of it.
    func start(_ tool: inout silo_tool, _ handle: inout silo_tool_handle) -> Int32 {
        handle = waiting.handle
        isStarted = true
        return silo_waiting_tool_start(&waiting, &tool)
    }
}
