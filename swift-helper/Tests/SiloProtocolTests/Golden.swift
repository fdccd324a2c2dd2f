import Foundation
import Testing

@testable import SiloProtocol

/// One case of `tests/fixtures/protocol/*.json`, which the TypeScript tests read too.
struct Golden: Decodable, CustomTestStringConvertible, Sendable {
    var name: String
    var direction: String
    var method: String?
    var field: String?
    var message: JSONValue

    var testDescription: String { name }

    /// The message as the other side would send it.
    var body: [UInt8] {
        get throws { Array(try JSONEncoder().encode(message)) }
    }

    static func read(_ file: String) -> [Golden] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url = root.appendingPathComponent("tests/fixtures/protocol/\(file).json")
        do {
            return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
        } catch {
            Issue.record("cannot read \(url.path): \(error)")
            return []
        }
    }

    /// Decodes the message, encodes it again, and expects the same JSON value.
    func expectRoundTrip<Message: Codable>(_ type: Message.Type) throws {
        let decoded = try JSONCoding.decode(type, from: body)
        let encoded = try JSONDecoder().decode(JSONValue.self, from: Data(try JSONCoding.encode(decoded)))
        #expect(encoded == message, "\(name)")
    }
}

/// Any JSON, to be compared as a value.
enum JSONValue: Codable, Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
