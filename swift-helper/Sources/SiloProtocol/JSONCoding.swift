#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Messages to and from JSON.
public enum JSONCoding {
    public static func encode(_ message: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return Array(try encoder.encode(message))
    }

    public static func decode<Message: Decodable>(_ type: Message.Type, from body: [UInt8]) throws -> Message {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// A request, or the error to answer under a null id.
    public static func request(from body: [UInt8]) -> Result<Request, RequestFailure> {
        do {
            return .success(try decode(Request.self, from: body))
        } catch let error as FieldError {
            let field = error.path.last?.stringValue ?? "it"
            return .failure(RequestFailure(.invalidRequest("`\(field)` \(error.problem)")))
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            return .failure(RequestFailure(.notJSON()))
        } catch {
            return .failure(RequestFailure(.invalidRequest("it is not an object with an id and a method")))
        }
    }
}
