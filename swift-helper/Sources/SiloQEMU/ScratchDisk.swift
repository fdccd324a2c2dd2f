import CSilo
import CSiloHost
import SiloIO
import SiloProtocol

/// The writable layer of one machine: a file without a name, so that nothing is left of it whoever dies.
enum ScratchDisk {
    /// A descriptor of a fresh copy of the template, `sizeMiB` long, close-on-exec.
    static func create(_ scratch: MachineSpec.Scratch) throws -> Int32 {
        let template = silo_open(scratch.template, O_RDONLY, 0)
        guard template >= 0 else { throw failure("open the scratch template \(scratch.template)") }
        defer { _ = close(template) }
        var status = stat()
        guard fstat(template, &status) == 0 else { throw failure("read the size of \(scratch.template)") }
        let size = off_t(scratch.sizeMiB) << 20
        guard status.st_size <= size else {
            throw HelperError.invalid("scratch.sizeMiB", "is less than the template's \(status.st_size >> 20) MiB")
        }
        let disk = silo_temporary_file(scratch.directory)
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
