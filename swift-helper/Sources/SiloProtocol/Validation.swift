/// What is wrong with one field; becomes error −32013 `invalid`.
struct FieldError: Error {
    let path: [any CodingKey]
    let problem: String
}

extension Decoder {
    /// An error about the value that this decoder stands at.
    func invalid(_ problem: String) -> FieldError { FieldError(path: codingPath, problem: problem) }
}

extension KeyedDecodingContainer {
    func invalid(_ key: Key, _ problem: String) -> FieldError {
        FieldError(path: codingPath + [key], problem: problem)
    }

    /// A whole number within `range`.
    func integer<Number: FixedWidthInteger & Decodable>(_ key: Key, in range: ClosedRange<Number>) throws -> Number {
        guard let value = try? decode(Number.self, forKey: key), range.contains(value) else {
            throw try missing(key)
                ?? invalid(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A value of an enumeration; the message lists what is known.
    func choice<Value>(_ key: Key) throws -> Value
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        let text = try text(key)
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw invalid(key, "is \"\(text)\", which is none of \(known)")
        }
        return value
    }

    /// A string without NUL of at most `limit` bytes.
    func text(_ key: Key, minimum: Int = 0, limit: Int = 65_536) throws -> String {
        guard let value = try? decode(String.self, forKey: key) else {
            throw try missing(key) ?? invalid(key, "must be a string")
        }
        let count = value.utf8.count
        guard count >= minimum else { throw invalid(key, "is empty") }
        guard count <= limit else { throw invalid(key, "is longer than \(limit) bytes") }
        guard !value.utf8.contains(0) else { throw invalid(key, "contains a NUL byte") }
        return value
    }

    /// An absolute path of at most 4,095 bytes, Linux' PATH_MAX without its NUL.
    func path(_ key: Key) throws -> String {
        let value = try text(key, minimum: 1, limit: 4_095)
        guard value.utf8.first == UInt8(ascii: "/") else { throw invalid(key, "must be an absolute path") }
        return value
    }

    /// A command: a program and its first arguments.
    func command(_ key: Key) throws -> [String] {
        guard let words = try? decode([String].self, forKey: key) else {
            throw try missing(key) ?? invalid(key, "must be a list of strings")
        }
        guard let program = words.first, !program.isEmpty else { throw invalid(key, "is empty") }
        guard !words.contains(where: { $0.utf8.contains(0) }) else { throw invalid(key, "contains a NUL byte") }
        return words
    }

    /// The error for a key that is not there at all, or nil when it is.
    private func missing(_ key: Key) throws -> FieldError? {
        contains(key) ? nil : invalid(key, "is missing")
    }
}

extension HelperError {
    /// The error for a request whose parameters could not be read; the field is named relative to `params`.
    static func invalid(parameters error: any Error) -> HelperError {
        switch error {
        case let error as HelperError: return error
        case let error as FieldError: return .invalid(fieldName(error.path), error.problem)
        case DecodingError.keyNotFound(let key, let context):
            return .invalid(fieldName(context.codingPath + [key]), "is missing")
        case DecodingError.valueNotFound(_, let context):
            return .invalid(fieldName(context.codingPath), "is null")
        case DecodingError.typeMismatch(let type, let context):
            return .invalid(fieldName(context.codingPath), "is not a \(type)")
        case DecodingError.dataCorrupted(let context):
            return .invalid(fieldName(context.codingPath), context.debugDescription)
        default: return .invalid("params", "cannot be read: \(error)")
        }
    }

    /// `[params, shares, 0, tag]` → `shares[0].tag`.
    private static func fieldName(_ path: [any CodingKey]) -> String {
        var name = ""
        for key in path.drop(while: { $0.stringValue == "params" }) {
            if let index = key.intValue {
                name += "[\(index)]"
            } else {
                name += name.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return name.isEmpty ? "params" : name
    }
}
