/// A result that holds nothing.
public struct EmptyResult: Sendable, Equatable, Codable {
    public init() {}
}

/// A JSON-RPC response. `id` is null only when the request's could not be read.
public struct Response<Value: Codable & Sendable>: Sendable, Codable {
    public var id: RequestID?
    public var outcome: Result<Value, RequestFailure>

    public init(id: RequestID?, outcome: Result<Value, RequestFailure>) {
        self.id = id
        self.outcome = outcome
    }

    enum CodingKeys: String, CodingKey { case jsonrpc, id, result, error }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decodeIfPresent(RequestID.self, forKey: .id)
        if container.contains(.error) {
            outcome = .failure(RequestFailure(try container.decode(ErrorObject.self, forKey: .error)))
        } else {
            outcome = .success(try container.decode(Value.self, forKey: .result))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("2.0", forKey: .jsonrpc)
        try container.encode(id, forKey: .id)
        switch outcome {
        case .success(let value): try container.encode(value, forKey: .result)
        case .failure(let failure): try container.encode(failure.error, forKey: .error)
        }
    }
}
