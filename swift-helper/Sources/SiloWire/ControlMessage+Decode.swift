extension ControlMessage {
    /// Reads one whole message that arrived at `role`'s end. Messages of the other direction are unknown there.
    public init(decoding bytes: UnsafeRawBufferPointer, at role: WireRole) throws(WireError) {
        var reader = ByteReader(bytes)
        let kind: UInt16 = try reader.integer()
        self =
            switch role {
            case .guest: try ControlMessage.toGuest(kind, &reader)
            case .host: try ControlMessage.toHost(kind, &reader)
            }
        try reader.end()
    }

    private static func toGuest(_ kind: UInt16, _ reader: inout ByteReader) throws(WireError) -> ControlMessage {
        switch kind {
        case 1: return .configure(try Configuration(from: &reader))
        case 2: return .start(try StartRequest(from: &reader))
        case 3:
            let process: UInt32 = try reader.integer()
            let number: UInt8 = try reader.integer()
            guard let scope = SignalScope(rawValue: try reader.integer()) else {
                throw .badControl("unknown signal scope")
            }
            guard (1...64).contains(number) else { throw .badControl("\(number) is no signal") }
            return .signal(process: process, number: number, scope: scope)
        case 4:
            return .resize(process: try reader.integer(), rows: try reader.integer(), columns: try reader.integer())
        case 5: return .shutdown
        case 6: return .ping(try reader.integer())
        case 7: return .prepare(try Preparation(from: &reader))
        case 8: return .clock(try reader.integer())
        default: throw .unknownControl(kind)
        }
    }

    private static func toHost(_ kind: UInt16, _ reader: inout ByteReader) throws(WireError) -> ControlMessage {
        switch kind {
        case 101:
            return .hello(version: try reader.integer(), agent: try reader.data(), kernel: try reader.data())
        case 102: return .configured
        case 103: return .started(process: try reader.integer(), pid: try reader.integer())
        case 104:
            let process: UInt32 = try reader.integer()
            guard let stage = StartStage(rawValue: try reader.integer()) else {
                throw .badControl("unknown start stage")
            }
            return .startFailed(process: process, stage: stage, errno: try reader.integer())
        case 105:
            let process: UInt32 = try reader.integer()
            let how: UInt8 = try reader.integer()
            let value: UInt8 = try reader.integer()
            switch how {
            case 0: return .exited(process: process, status: .code(value))
            case 1:
                guard (1...64).contains(value) else { throw .badControl("\(value) is no signal") }
                return .exited(process: process, status: .signal(value))
            default: throw .badControl("unknown way to exit")
            }
        case 106:
            let process: UInt32 = try reader.integer()
            let signal: UInt8 = try reader.integer()
            guard (1...64).contains(signal) else { throw .badControl("\(signal) is no signal") }
            return .stopped(process: process, signal: signal)
        case 107: return .failed(message: try reader.data())
        case 108: return .notice(message: try reader.data())
        case 109: return .pong(try reader.integer())
        case 110: return .prepared(warm: try reader.boolean())
        case 120:
            let ports = try reader.list(itemBytes: 2) { (reader: inout ByteReader) throws(WireError) -> UInt16 in
                try reader.integer()
            }
            guard ports.count <= WireLimits.listeningPorts else { throw .badControl("too many ports") }
            return .listening(ports: ports)
        default: throw .unknownControl(kind)
        }
    }
}
