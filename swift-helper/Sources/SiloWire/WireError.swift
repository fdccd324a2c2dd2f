/// What is wrong with the bytes of the other end, or with a call on this one. After the first error that `receive`
/// throws, the connection is of no more use.
public enum WireError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownFrame(UInt8)
    case reservedBits
    case payloadTooLong(UInt32)
    case badLength(FrameType, Int)
    case wrongStream(FrameType, StreamID)
    case unknownStream(StreamID)
    case creditOverrun(StreamID)
    case dataAfterEnd(StreamID)
    case tooManyStreams
    case controlTooLong(Int)
    case unknownControl(UInt16)
    case badControl(String)
    case badOpening(String)
    /// A call with a stream that is not open in that direction.
    case notOpen(StreamID)

    public var description: String {
        switch self {
        case .unknownFrame(let type): "frame of unknown type \(type)"
        case .reservedBits: "frame with reserved bits set"
        case .payloadTooLong(let length): "frame with a payload of \(length) bytes, over \(WireLimits.payloadBytes)"
        case .badLength(let type, let length): "\(type) frame with a payload of \(length) bytes"
        case .wrongStream(let type, let id): "\(type) frame for stream \(id)"
        case .unknownStream(let id): "frame for stream \(id), which was never opened"
        case .creditOverrun(let id): "stream \(id): more bytes or credit than the window allows"
        case .dataAfterEnd(let id): "stream \(id): data after its end"
        case .tooManyStreams: "more than \(WireLimits.streams) streams at a time"
        case .controlTooLong(let length): "control message of \(length) bytes or more, over the limit"
        case .unknownControl(let kind): "control message of unknown kind \(kind)"
        case .badControl(let what): "malformed control message: \(what)"
        case .badOpening(let what): "malformed OPEN frame: \(what)"
        case .notOpen(let id): "stream \(id) is not open"
        }
    }
}
