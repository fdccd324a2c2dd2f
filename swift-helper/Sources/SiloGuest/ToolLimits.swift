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
    init(_ configuration: Configuration) throws(SystemError) {
        isInit = true
        openFilesSoft = UInt64(min(configuration.openFilesSoft, configuration.openFilesHard))
        openFilesHard = UInt64(configuration.openFilesHard)
        guard configuration.processes > 0 else { return }
        let group: Path = "/sys/fs/cgroup/silo"
        try Files.write("/sys/fs/cgroup/cgroup.subtree_control", Array("+pids".utf8))
        try Files.makeDirectories(group)
        try Files.write(group / "pids.max", Array("\(configuration.processes)".utf8))
        cgroup = (group / "cgroup.procs").withCString { silo_open($0, O_WRONLY, 0) }
        guard cgroup >= 0 else { throw SystemError("open the tools' control group") }
    }
}
