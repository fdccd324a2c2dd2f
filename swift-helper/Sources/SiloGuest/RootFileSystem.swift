import CSilo
import SiloIO
import SiloWire

/// Puts the machine's root together: the image's disk, read-only, under an overlay whose upper side is thrown away.
enum RootFileSystem {
    private static let lower: Path = "/lower"
    private static let scratch: Path = "/scratch"
    private static let root: Path = "/newroot"

    /// Mounts the image's disk. Nothing is ever written to it.
    static func mountLower() throws(SystemError) {
        for directory in [lower, scratch, root] { try Files.makeDirectories(directory) }
        try mount(try disk(serial: "root"), at: lower, type: "ext4", .readOnly)
    }

    /// Puts the writable layer over what `mountLower` has mounted and makes both the root of this process and all that
    /// come from it. A root that is written to needs neither.
    static func enter(scratch kind: BaseConfiguration.Scratch) throws(SystemError) {
        switch kind {
        case .memory: try mount("scratch", at: scratch, type: "tmpfs", .noAccessTime, options: "mode=755,size=80%")
        case .disk:
            // Nobody will ever read this file system again: nothing has to be in order after a crash.
            try mount(
                try disk(serial: "scratch"), at: scratch, type: "ext4", .noAccessTime,
                options: "nobarrier,noauto_da_alloc")
        case .root: return try enterWritable()
        }
        try Files.makeDirectories(scratch / "upper")
        try Files.makeDirectories(scratch / "work")
        // volatile: fsync costs nothing, for the same reason. metacopy: chown and chmod do not copy the content up.
        try mount(
            "root", at: root, type: "overlay", .noAccessTime,
            options: "lowerdir=/lower,upperdir=/scratch/upper,workdir=/scratch/work,"
                + "volatile,redirect_dir=on,metacopy=on")
        try become(root)
    }

    /// A root file system that is being made: no overlay, and as much room as its disk has.
    private static func enterWritable() throws(SystemError) {
        try Files.makeDirectories(root)
        let device = try disk(serial: "root")
        try mount(device, at: root, type: "ext4", .noAccessTime, options: "nobarrier,noauto_da_alloc")
        let grown = root.withCString { root in device.withCString { silo_grow_ext4(root, $0) } }
        guard grown == 0 else { throw SystemError("let the root file system grow") }
        try become(root)
    }

    /// Ends everything that could write to the root and makes it read-only: from then on its disk is whole.
    static func seal(waitingMilliseconds: UInt64 = 20_000) throws(SystemError) {
        let deadline = Reactor.now() + waitingMilliseconds * 1_000_000
        while true {
            kill(-1, SIGKILL)
            while waitpid(-1, nil, WNOHANG) > 0 {}
            do throws(SystemError) {
                return try mount("none", at: "/", [.remount, .readOnly, .noAccessTime])
            } catch {
                guard error.errno == EBUSY, Reactor.now() < deadline else { throw error }
            }
            usleep(5000)
        }
    }

    /// What switch_root does: the new root covers the initramfs for good.
    private static func become(_ path: Path) throws(SystemError) {
        guard path.withCString({ chdir($0) }) == 0 else { throw SystemError("enter the new root") }
        try mount(".", at: "/", .move)
        guard chroot(".") == 0, chdir("/") == 0 else { throw SystemError("change the root") }
    }

    /// The block device whose serial the hypervisor set.
    static func disk(serial: String, waitingMilliseconds: Int = 5_000) throws(SystemError) -> Path {
        let deadline = Reactor.now() + UInt64(waitingMilliseconds) * 1_000_000
        let wanted = Array(serial.utf8)
        while true {
            for name in Files.names(in: "/sys/block") {
                let device = "/dev" / name
                if Files.line("/sys/block" / name / "serial") == wanted, Files.type(of: device) != nil {
                    return device
                }
            }
            guard Reactor.now() < deadline else {
                throw SystemError("find the disk with serial \"\(serial)\"", errno: ENXIO)
            }
            usleep(1000)
        }
    }
}
