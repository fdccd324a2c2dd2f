import CSilo
import SiloIO

/// What tells whether a file is still the one it was, without reading it.
struct FileStamp: Equatable, CustomStringConvertible {
    private let text: String

    /// Nil if there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let (written, changed) = (status.st_mtim, status.st_ctim)
        text =
            "\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)"
    }

    /// Inode, bytes, time of the last write, time of the last change. Nobody can set the last one.
    var description: String { text }
}

/// A sum of bytes that differs for different bytes, as far as nobody makes them collide.
struct Checksum {
    private var low: UInt64 = 0xcbf2_9ce4_8422_2325
    private var high: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// 32 hexadecimal digits.
    var text: String { Self.digits(low) + Self.digits(high) }

    /// Takes eight bytes at a time; the last piece counts with its length.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        for index in offset..<bytes.count { mix(UInt64(bytes[index])) }
        mix(UInt64(bytes.count))
    }

    private mutating func mix(_ word: UInt64) {
        low = (low ^ word) &* 0x0000_0100_0000_01b3
        low ^= low >> 29
        high = ((high << 31 | high >> 33) ^ word) &* 0xbf58_476d_1ce4_e5b9
    }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
