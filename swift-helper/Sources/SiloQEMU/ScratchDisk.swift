import CSilo
import CSiloHost
import SiloIO
import SiloProtocol

/// The disk of one machine's writable layer.
enum ScratchDisk {
    /// A descriptor of a fresh copy of the ext4 image at `original`, `sizeMiB` long, close-on-exec. Without `path` the copy
    /// has no name, so that nothing is left of it whoever dies.
    static func create(
        _ scratch: MachineSpec.Scratch, copyOf original: String, at path: String? = nil
    ) throws -> Int32 {
        let template = silo_open(original, O_RDONLY, 0)
        guard template >= 0 else { throw failure("open the scratch disk \(original)") }
        defer { _ = close(template) }
        var status = stat()
        guard fstat(template, &status) == 0 else { throw failure("read the size of \(original)") }
        let size = off_t(scratch.sizeMiB) << 20
        guard status.st_size <= size else {
            throw HelperError.invalid("scratch.sizeMiB", "is less than the template's \(status.st_size >> 20) MiB")
        }
        let disk =
            path.map { silo_open($0, O_RDWR | O_CREAT | O_EXCL, 0o600) } ?? silo_temporary_file(scratch.directory)
        guard disk >= 0 else { throw failure("create the scratch disk in \(scratch.directory)") }
        do {
            try SparseFile.copy(from: template, to: disk)
            guard ftruncate(disk, size) == 0 else { throw failure("set the size of the scratch disk") }
        } catch {
            _ = close(disk)
            throw error
        }
        return disk
    }

    private static func failure(_ action: String) -> HelperError { SparseFile.failure(action) }
}
