/// A path as the kernel takes it: bytes, not text.
struct Path: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Without the NUL.
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(stringLiteral value: String) { bytes = Array(value.utf8) }
    init(_ text: String) { bytes = Array(text.utf8) }

    var description: String { String(decoding: bytes, as: UTF8.self) }
    var isAbsolute: Bool { bytes.first == UInt8(ascii: "/") }

    /// The parts between slashes, without empty ones and ".".
    var components: [[UInt8]] {
        // By hand: an emulated machine translates the generic functions when they run for the first time.
        var parts: [[UInt8]] = []
        var part: [UInt8] = []
        for byte in bytes + [UInt8(ascii: "/")] {
            guard byte == UInt8(ascii: "/") else {
                part.append(byte)
                continue
            }
            if !part.isEmpty, part != [UInt8(ascii: ".")] { parts.append(part) }
            part = []
        }
        return parts
    }

    static func / (directory: Path, name: [UInt8]) -> Path {
        Path(directory.bytes + (directory.bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name)
    }

    static func / (directory: Path, name: String) -> Path { directory / Array(name.utf8) }

    /// Everything before the last component; "/" at the top.
    var parent: Path {
        let parts = components.dropLast()
        let joined = parts.joined(separator: [UInt8(ascii: "/")])
        return Path((isAbsolute ? [UInt8(ascii: "/")] : []) + joined)
    }

    /// Whether this is `other` or below it, by name alone.
    func isInside(_ other: Path) -> Bool { components.starts(with: other.components) }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
        }
    }
}
