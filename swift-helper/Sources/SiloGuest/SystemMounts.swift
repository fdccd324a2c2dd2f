import SiloIO

/// The file systems that any Linux program expects, inside the new root.
enum SystemMounts {
    /// For the agent itself, in the initramfs. The early constructor of CSilo has mounted /proc already.
    static func prepareInitramfs() throws(SystemError) {
        for directory: Path in ["/proc", "/sys", "/dev"] { try Files.makeDirectories(directory) }
        if Files.type(of: "/proc/self") == nil { try mount("proc", at: "/proc", type: "proc") }
        try mount("sysfs", at: "/sys", type: "sysfs")
        // The kernel mounts it by itself where it is configured so.
        if Files.type(of: "/dev/null") == nil { try mount("devtmpfs", at: "/dev", type: "devtmpfs") }
    }

    static func mountAll() throws(SystemError) {
        let closed: MountFlags = [.noSetuid, .noDevices, .noExecute]
        try place("proc", "/proc", closed)
        try place("sysfs", "/sys", closed)
        try place("devtmpfs", "/dev", .noSetuid, options: "mode=755")
        try place("devpts", "/dev/pts", [.noSetuid, .noExecute], options: "gid=5,mode=620,ptmxmode=666")
        try place("tmpfs", "/dev/shm", [.noSetuid, .noDevices], options: "mode=1777")
        try place("tmpfs", "/run", [.noSetuid, .noDevices], options: "mode=755")
        try place("cgroup2", "/sys/fs/cgroup", closed)
        // Not every kernel has message queues, and few programs use them.
        try? place("mqueue", "/dev/mqueue", closed)
        Files.symlink("/proc/self/fd", at: "/dev/fd")
        Files.symlink("/proc/self/fd/0", at: "/dev/stdin")
        Files.symlink("/proc/self/fd/1", at: "/dev/stdout")
        Files.symlink("/proc/self/fd/2", at: "/dev/stderr")
        try makeWritableDirectories()
    }

    /// What programs expect to be able to write to, whatever the image has.
    static func makeWritableDirectories() throws(SystemError) {
        try Files.makeDirectories("/run/lock")
        Files.chmod("/run/lock", 0o1777)
        for directory: Path in ["/tmp", "/var/tmp"] where Files.type(of: directory) == nil {
            try Files.makeDirectories(directory)
            Files.chmod(directory, 0o1777)
        }
    }

    private static func place(
        _ type: Path, _ target: Path, _ flags: MountFlags, options: String = ""
    ) throws(SystemError) {
        try Files.makeDirectories(target)
        try mount(type, at: target, type: type, flags, options: options)
    }
}
