/// Cuts a byte stream into the bodies of `Content-Length` framed messages (the Language Server Protocol's base
/// protocol). Holds no more than one header and one body.
public struct MessageDecoder: Sendable {
    public static let maximumHeaderBytes = 8 * 1024
    public static let maximumBodyBytes = 16 * 1024 * 1024

    public struct FramingError: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    private var buffer: [UInt8] = []
    private var consumed = 0
    private var bodyLength: Int?

    public init() {}

    /// True when the stream ended between two messages.
    public var isAtBoundary: Bool { buffer.count == consumed && bodyLength == nil }

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if consumed > 0 {
            buffer.removeFirst(consumed)
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole body, or nil when more bytes are needed. After an error the stream cannot be read on.
    public mutating func next() throws(FramingError) -> [UInt8]? {
        if bodyLength == nil {
            guard let end = try endOfHeader() else { return nil }
            bodyLength = try contentLength(buffer[consumed..<end])
            consumed = end + 4
        }
        guard let length = bodyLength, buffer.count - consumed >= length else { return nil }
        let body = Array(buffer[consumed..<consumed + length])
        consumed += length
        bodyLength = nil
        return body
    }

    /// The index of the blank line's CR LF CR LF.
    private func endOfHeader() throws(FramingError) -> Int? {
        var index = consumed
        let limit = min(buffer.count, consumed + Self.maximumHeaderBytes)
        while index + 4 <= limit {
            if buffer[index] == 13, buffer[index + 1] == 10, buffer[index + 2] == 13, buffer[index + 3] == 10 {
                return index
            }
            index += 1
        }
        if buffer.count - consumed >= Self.maximumHeaderBytes {
            throw FramingError(description: "a header is longer than \(Self.maximumHeaderBytes) bytes")
        }
        return nil
    }

    private func contentLength(_ header: ArraySlice<UInt8>) throws(FramingError) -> Int {
        var length: Int?
        // Swift takes CR LF as one character, so lines are told apart by bytes.
        for line in header.split(separator: 10) {
            let text = String(decoding: line, as: UTF8.self).filter { $0 != "\r" }
            guard let colon = text.firstIndex(of: ":") else {
                throw FramingError(description: "a header line has no colon")
            }
            guard text[..<colon].lowercased() == "content-length" else { continue }
            let digits = text[text.index(after: colon)...].drop(while: { $0 == " " || $0 == "\t" })
            guard length == nil, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(digits) else {
                throw FramingError(description: "Content-Length is not one number")
            }
            length = value
        }
        guard let length else { throw FramingError(description: "a header has no Content-Length") }
        guard length <= Self.maximumBodyBytes else {
            throw FramingError(description: "a message is longer than \(Self.maximumBodyBytes) bytes")
        }
        return length
    }
}

public enum MessageEncoder {
    /// The body with its header before it.
    public static func frame(_ body: some Collection<UInt8>) -> [UInt8] {
        var framed = Array("Content-Length: \(body.count)\r\n\r\n".utf8)
        framed.append(contentsOf: body)
        return framed
    }
}
