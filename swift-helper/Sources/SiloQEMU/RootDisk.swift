import CSilo
import SiloIO
import SiloProtocol

/// The disk that a machine boots from.
enum RootDisk {
    /// A descriptor of it, close-on-exec: read-only, or writable and of a new copy.
    static func open(_ rootfs: MachineSpec.Rootfs) throws -> Int32 {
        let original = silo_open(rootfs.path, O_RDONLY, 0)
        guard original >= 0 else {
            throw HelperError.invalid("rootfs.path", "cannot be read: \(SystemError.text(of: errno))")
        }
        guard let copy = rootfs.copy else { return original }
        defer { _ = close(original) }
        return try make(copy, of: original)
    }

    private static func make(_ copy: MachineSpec.Copy, of original: Int32) throws -> Int32 {
        var status = stat()
        guard fstat(original, &status) == 0 else { throw SparseFile.failure("read the size of a root file system") }
        // An earlier attempt of the same machine may have left its own.
        let disk = silo_open(copy.path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
        guard disk >= 0 else { throw SparseFile.failure("create \(copy.path)") }
        do {
            try SparseFile.copy(from: original, to: disk)
            let size = max(status.st_size, off_t(copy.sizeMiB) << 20)
            guard ftruncate(disk, size) == 0 else { throw SparseFile.failure("set the size of \(copy.path)") }
            return disk
        } catch {
            _ = close(disk)
            throw error
        }
    }
}
