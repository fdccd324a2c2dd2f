/// Writes the fields of a control message: little-endian integers, `bytes` = u32 length + data, `list` = u32 count +
/// items.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func boolean(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func data(_ value: [UInt8]) {
        integer(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func list<T>(_ items: [T], _ write: (inout ByteWriter, T) -> Void) {
        integer(UInt32(items.count))
        for item in items { write(&self, item) }
    }
}

/// Reads what `ByteWriter` wrote. Every length is checked against what is there before anything is allocated.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(WireError) -> T {
        let size = MemoryLayout<T>.size
        guard remaining >= size else { throw .badControl("it ends inside a number") }
        defer { offset += size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    mutating func boolean() throws(WireError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: false
        case 1: true
        case let other: throw .badControl("\(other) is not a boolean")
        }
    }

    mutating func data() throws(WireError) -> [UInt8] {
        let length = Int(try integer(UInt32.self))
        guard length <= remaining else { throw .badControl("it ends inside a byte string") }
        defer { offset += length }
        return [UInt8](bytes[offset..<offset + length])
    }

    /// `itemBytes`: the least that one item takes, so that a count cannot ask for more than the message holds.
    mutating func list<T>(
        itemBytes: Int, _ read: (inout ByteReader) throws(WireError) -> T
    ) throws(WireError) -> [T] {
        let count = Int(try integer(UInt32.self))
        guard count <= remaining / itemBytes else { throw .badControl("a list is longer than its message") }
        var items: [T] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try read(&self)) }
        return items
    }

    func end() throws(WireError) {
        guard remaining == 0 else { throw .badControl("\(remaining) bytes too many") }
    }
}
