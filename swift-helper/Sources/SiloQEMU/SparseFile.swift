import CSilo
import CSiloHost
import SiloIO
import SiloProtocol

/// Copies of files that are mostly holes.
enum SparseFile {
    /// Makes the empty file `to` a copy of `from`: its blocks are shared where the file system can do that, else what is
    /// not a hole is copied.
    static func copy(from: Int32, to: Int32) throws {
        if silo_clone_file(from, to) == 0 { return }
        var offset: off_t = 0
        while true {
            let start = silo_seek_data(from, offset)
            if start < 0, errno == ENXIO { return }
            let end = start < 0 ? -1 : silo_seek_hole(from, start)
            guard end > start else { throw failure("read a disk that is to be copied") }
            var (source, target) = (start, start)
            while source < end {
                let count = silo_copy_range(from, &source, to, &target, Int(end - source))
                if count > 0 { continue }
                // Kernels before 5.3 refuse to copy between file systems.
                try copyBytes(from: from, to: to, range: source..<end)
                break
            }
            offset = end
        }
    }

    private static func copyBytes(from: Int32, to: Int32, range: Range<off_t>) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = pread(from, &buffer, min(buffer.count, Int(range.upperBound - offset)), offset)
            guard count > 0 else { throw failure("read a disk that is to be copied") }
            guard pwrite(to, buffer, count, offset) == count else { throw failure("write the copy of a disk") }
            offset += off_t(count)
        }
    }

    static func failure(_ action: String) -> HelperError {
        let error = SystemError(action)
        return HelperError(
            .disk, error.description,
            hint: error.errno == ENOSPC ? "free some space, or run `silo clean`" : nil, errno: error.errno)
    }
}
