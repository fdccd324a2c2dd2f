/// Frame types of the guest wire.
public enum FrameType: UInt8, Sendable {
    case control = 1
    case open = 2
    case data = 3
    case credit = 4
    case eof = 5
    case reset = 6
}

/// The 12 bytes in front of each payload, little-endian:
/// type u8, flags u8, reserved u16, stream u32, payload length u32.
public struct FrameHeader: Equatable, Sendable {
    /// Flag of CONTROL: the message goes on in the next CONTROL frame.
    public static let more: UInt8 = 1

    public var type: FrameType
    public var flags: UInt8
    public var stream: StreamID
    public var length: Int

    public init(type: FrameType, flags: UInt8 = 0, stream: StreamID, length: Int) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.length = length
    }

    /// Reads and checks a header; `bytes` holds at least 12. Whether the stream exists is for the multiplexer.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard let type = FrameType(rawValue: bytes[0]) else { throw .unknownFrame(bytes[0]) }
        flags = bytes[1]
        guard flags & ~(type == .control ? FrameHeader.more : 0) == 0, bytes[2] == 0, bytes[3] == 0 else {
            throw .reservedBits
        }
        self.type = type
        stream = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let length = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        guard length <= UInt32(WireLimits.payloadBytes) else { throw .payloadTooLong(length) }
        self.length = Int(length)
        guard (type == .control) == (stream == 0) else { throw .wrongStream(type, stream) }
        switch type {
        case .control: break  // an empty part is refused once the message is known to be whole
        case .open, .data: if length == 0 { throw .badLength(type, 0) }
        case .credit, .reset: if length != 4 { throw .badLength(type, self.length) }
        case .eof: if length != 0 { throw .badLength(type, self.length) }
        }
        if type == .control, length == 0 { throw .badLength(type, 0) }
    }

    /// Writes the header into the first 12 bytes of `bytes`.
    public func write(to bytes: UnsafeMutableRawBufferPointer) {
        bytes[0] = type.rawValue
        bytes[1] = flags
        bytes[2] = 0
        bytes[3] = 0
        bytes.storeBytes(of: stream.littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 8, as: UInt32.self)
    }
}
