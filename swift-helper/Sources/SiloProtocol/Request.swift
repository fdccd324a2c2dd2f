/// The id of a JSON-RPC request.
public enum RequestID: Sendable, Hashable, Codable {
    case number(Int)
    case text(String)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

/// What is asked for.
public enum Call: Sendable, Equatable {
    case initialize(InitializeParameters)
    case hostProbe(HostProbeParameters)
    case rootfsCreate(RootfsParameters)
    case machineStart(MachineSpec)
    case machineStop
    case snapshotCreate(MachineSpec)
    case processStart(ProcessSpec)
    case processSignal(SignalParameters)
    case processResize(ResizeParameters)
    case streamOpen(StreamOpenParameters)

    enum Method: String, CaseIterable {
        case initialize
        case hostProbe = "host/probe"
        case rootfsCreate = "rootfs/create"
        case machineStart = "machine/start"
        case machineStop = "machine/stop"
        case snapshotCreate = "snapshot/create"
        case processStart = "process/start"
        case processSignal = "process/signal"
        case processResize = "process/resize"
        case streamOpen = "stream/open"
    }
}

/// One request of the CLI. A request that is well-formed JSON-RPC but whose parameters are not is a value too, so that
/// it can be answered under its id.
public struct Request: Sendable {
    /// nil: a notification, which gets no answer.
    public var id: RequestID?
    public var method: String
    public var call: Result<Call, RequestFailure>

    public init(id: RequestID?, method: String, call: Result<Call, RequestFailure>) {
        self.id = id
        self.method = method
        self.call = call
    }
}

/// Why a request cannot be carried out as it stands.
public struct RequestFailure: Error, Sendable, Equatable {
    public let error: ErrorObject

    public init(_ error: ErrorObject) { self.error = error }
}

extension Request: Codable {
    enum CodingKeys: String, CodingKey { case jsonrpc, id, method, params }

    private struct Empty: Codable {}

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard try container.text(.jsonrpc) == "2.0" else { throw container.invalid(.jsonrpc, "is not \"2.0\"") }
        id = try container.decodeIfPresent(RequestID.self, forKey: .id)
        method = try container.text(.method)
        guard let known = Call.Method(rawValue: method) else {
            call = .failure(RequestFailure(.unknownMethod(method)))
            return
        }
        do {
            call = .success(try Self.parameters(of: known, in: container))
        } catch {
            call = .failure(RequestFailure(ErrorObject(.invalid(parameters: error))))
        }
    }

    private static func parameters(
        of method: Call.Method, in container: KeyedDecodingContainer<CodingKeys>
    ) throws -> Call {
        switch method {
        case .initialize: .initialize(try container.decode(InitializeParameters.self, forKey: .params))
        case .hostProbe:
            .hostProbe(try container.decodeIfPresent(HostProbeParameters.self, forKey: .params) ?? .init())
        case .rootfsCreate: .rootfsCreate(try container.decode(RootfsParameters.self, forKey: .params))
        case .machineStart: .machineStart(try container.decode(MachineSpec.self, forKey: .params))
        case .machineStop: .machineStop
        case .snapshotCreate: .snapshotCreate(try container.decode(MachineSpec.self, forKey: .params))
        case .processStart: .processStart(try container.decode(ProcessSpec.self, forKey: .params))
        case .processSignal: .processSignal(try container.decode(SignalParameters.self, forKey: .params))
        case .processResize: .processResize(try container.decode(ResizeParameters.self, forKey: .params))
        case .streamOpen: .streamOpen(try container.decode(StreamOpenParameters.self, forKey: .params))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("2.0", forKey: .jsonrpc)
        try container.encodeIfPresent(id, forKey: .id)
        try container.encode(method, forKey: .method)
        switch try call.get() {
        case .initialize(let params): try container.encode(params, forKey: .params)
        case .hostProbe(let params): try container.encode(params, forKey: .params)
        case .rootfsCreate(let params): try container.encode(params, forKey: .params)
        case .machineStart(let params), .snapshotCreate(let params): try container.encode(params, forKey: .params)
        case .machineStop: try container.encode(Empty(), forKey: .params)
        case .processStart(let params): try container.encode(params, forKey: .params)
        case .processSignal(let params): try container.encode(params, forKey: .params)
        case .processResize(let params): try container.encode(params, forKey: .params)
        case .streamOpen(let params): try container.encode(params, forKey: .params)
        }
    }
}
