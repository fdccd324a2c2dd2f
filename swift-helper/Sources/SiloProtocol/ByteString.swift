#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An argument, an environment entry or a guest path: bytes without NUL, of no certain encoding.
///
/// In JSON it is a string when the bytes are valid UTF-8, else `{"base64": "…"}`. Readers accept both.
public struct ByteString: Sendable, Hashable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(_ text: String) { self.bytes = Array(text.utf8) }

    /// The bytes as text for people: what is not UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString: Codable {
    private enum Keys: String, CodingKey { case base64 }

    public init(from decoder: any Decoder) throws {
        let bytes: [UInt8]
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            bytes = Array(text.utf8)
        } else if let container = try? decoder.container(keyedBy: Keys.self),
            let encoded = try? container.decode(String.self, forKey: .base64)
        {
            guard let data = Data(base64Encoded: encoded) else {
                throw decoder.invalid("is not valid base64")
            }
            bytes = Array(data)
        } else {
            throw decoder.invalid("must be a string or {\"base64\": \"…\"}")
        }
        guard !bytes.contains(0) else { throw decoder.invalid("contains a NUL byte") }
        self.bytes = bytes
    }

    public func encode(to encoder: any Encoder) throws {
        if let text = String(validating: bytes, as: UTF8.self) {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        } else {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(Data(bytes).base64EncodedString(), forKey: .base64)
        }
    }
}
