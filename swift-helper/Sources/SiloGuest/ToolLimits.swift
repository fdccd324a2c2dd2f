import CSilo
import SiloIO
import SiloWire

/// What every tool is held to.
struct ToolLimits {
    /// RLIMIT_NOFILE; 0: as the agent's.
    var openFilesSoft: UInt64 = 0
    var openFilesHard: UInt64 = 0
    /// A descriptor of the tools' cgroup.procs, -1: none.
    var cgroup: Int32 = -1
    /// The agent is init and may set users, scores and groups.
    var isInit = false

    /// For tests: the caller's limits and user.
    init() {}

    /// Makes the tools' control group if the number of processes is limited. pids.max and not RLIMIT_NPROC: that one
    /// counts by user, and root has none.
    init(_ configuration: Configuration, role: Agent.Role = .initProcess) throws(SystemError) {
        isInit = true
        openFilesSoft = UInt64(min(configuration.openFilesSoft, configuration.openFilesHard))
        openFilesHard = UInt64(configuration.openFilesHard)
        guard configuration.processes > 0 else { return }
        guard case .initProcess = role else {
            try Self.limitContainer(configuration.processes)
            return
        }
        let group: Path = "/sys/fs/cgroup/silo"
        try Files.write("/sys/fs/cgroup/cgroup.subtree_control", Array("+pids".utf8))
        try Files.makeDirectories(group)
        try Files.write(group / "pids.max", Array("\(configuration.processes)".utf8))
        cgroup = (group / "cgroup.procs").withCString { silo_open($0, O_WRONLY, 0) }
        guard cgroup >= 0 else { throw SystemError("open the tools' control group") }
    }

    /// In a container the root of what can be seen is a group with the agent and init in it, which can have no group
    /// below that is limited: the limit is its own, with room for those two and the supervisors of the tools.
    private static func limitContainer(_ processes: UInt32) throws(SystemError) {
        let limit = UInt64(processes) + ownProcesses
        try Files.write("/sys/fs/cgroup/pids.max", Array("\(limit)".utf8))
    }

    /// Of the container that are not the tools'.
    private static let ownProcesses: UInt64 = 8
}
