import CSilo
import SiloIO

/// A root file system that is kept, in a machine that another init has made: it cannot be made read-only from inside,
/// but whoever could write to it is ended and what was written is on its disk.
struct KeptRoot {
    /// Those that were there before any tool: the container's init, what it waits for, the agent.
    private let own: Set<pid_t>
    private let processes: () -> Set<pid_t>
    private let end: (pid_t) -> Void
    private static let limitMs: UInt64 = 20_000

    /// Before the first tool starts. The closures are a test's.
    init(
        processes: @escaping () -> Set<pid_t> = KeptRoot.all,
        end: @escaping (pid_t) -> Void = { kill($0, SIGKILL) }
    ) {
        self.processes = processes
        self.end = end
        own = processes()
    }

    /// Ends all the others and writes everything back.
    func seal(waitingMilliseconds: UInt64 = limitMs) throws(SystemError) {
        let deadline = Reactor.now() + waitingMilliseconds * 1_000_000
        while true {
            let others = processes().subtracting(own)
            if others.isEmpty { break }
            guard Reactor.now() < deadline else { throw SystemError("end process \(others.first!)", errno: EBUSY) }
            for process in others { end(process) }
            while waitpid(-1, nil, WNOHANG) > 0 {}
            usleep(2_000)
        }
        guard silo_sync_mount("/") == 0 else { throw SystemError("write the root file system back") }
    }

    static func all() -> Set<pid_t> {
        Set(Files.names(in: "/proc").compactMap { pid_t(String(decoding: $0, as: UTF8.self)) })
    }
}
