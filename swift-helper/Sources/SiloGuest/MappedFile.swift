import CSilo
import SiloIO

/// A file whose content is written as memory. Whoever reads the file sees it at once.
final class MappedFile {
    private let memory: UnsafeMutableRawBufferPointer

    /// Maps the first `count` bytes of a file that has as many.
    init(_ path: Path, count: Int) throws(SystemError) {
        guard let start = path.withCString({ silo_map_file($0, count) }) else { throw SystemError("map \(path)") }
        memory = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit { munmap(memory.baseAddress!, memory.count) }

    /// Replaces the beginning of the content.
    func write(_ bytes: [UInt8]) { memory.copyBytes(from: bytes.prefix(memory.count)) }
}
