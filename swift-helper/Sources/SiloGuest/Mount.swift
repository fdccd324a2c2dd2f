import CSilo
import SiloIO

/// mount(2) in Swift.
struct MountFlags: OptionSet, Sendable {
    let rawValue: Int32
    init(rawValue: Int32) { self.rawValue = rawValue }
    private init(_ flag: some BinaryInteger) { rawValue = Int32(flag) }

    static let readOnly = MountFlags(SILO_MOUNT_READ_ONLY)
    static let noSetuid = MountFlags(SILO_MOUNT_NO_SUID)
    static let noDevices = MountFlags(SILO_MOUNT_NO_DEV)
    static let noExecute = MountFlags(SILO_MOUNT_NO_EXEC)
    static let noAccessTime = MountFlags(SILO_MOUNT_NO_ATIME)
    static let bind = MountFlags(SILO_MOUNT_BIND)
    static let remount = MountFlags(SILO_MOUNT_REMOUNT)
    static let move = MountFlags(SILO_MOUNT_MOVE)
}

/// Mounts `source` (a device, a tag, or just a name) at `target`, which exists.
func mount(
    _ source: Path, at target: Path, type: Path = "", _ flags: MountFlags = [], options: String = ""
) throws(SystemError) {
    let result = source.withCString { source in
        target.withCString { target in
            type.withCString { type in
                options.withCString { silo_mount(source, target, type, flags.rawValue, $0) }
            }
        }
    }
    guard result == 0 else { throw SystemError("mount \(type.bytes.isEmpty ? source : type) at \(target)") }
}
