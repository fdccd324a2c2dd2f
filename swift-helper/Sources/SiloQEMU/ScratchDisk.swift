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
            if silo_clone_file(template, disk) != 0 {
                try copyData(from: template, to: disk, in: scratch.directory)
            }
            guard ftruncate(disk, size) == 0 else { throw failure("set the size of the scratch disk") }
        } catch {
            _ = close(disk)
            throw error
        }
        return disk
    }

    /// Copies what is not a hole.
    private static func copyData(from template: Int32, to disk: Int32, in directory: String) throws {
        var offset: off_t = 0
        while true {
            let start = silo_seek_data(template, offset)
            if start < 0, errno == ENXIO { return }
            let end = start < 0 ? -1 : silo_seek_hole(template, start)
            guard end > start else { throw failure("read the scratch template") }
            var (from, to) = (start, start)
            while from < end {
                let count = silo_copy_range(template, &from, disk, &to, Int(end - from))
                if count > 0 { continue }
                // Kernels before 5.3 refuse to copy between file systems.
                try copyBytes(from: template, to: disk, range: from..<end, in: directory)
                break
            }
            offset = end
        }
    }

    private static func copyBytes(
        from template: Int32, to disk: Int32, range: Range<off_t>, in directory: String
    ) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = pread(template, &buffer, min(buffer.count, Int(range.upperBound - offset)), offset)
            guard count > 0 else { throw failure("read the scratch template") }
            guard pwrite(disk, buffer, count, offset) == count else {
                throw failure("write the scratch disk in \(directory)")
            }
            offset += off_t(count)
        }
    }

    private static func failure(_ action: String) -> HelperError {
        let error = SystemError(action)
        return HelperError(
            .disk, error.description,
            hint: error.errno == ENOSPC ? "free some space, or run `silo clean`" : nil, errno: error.errno)
    }
}
