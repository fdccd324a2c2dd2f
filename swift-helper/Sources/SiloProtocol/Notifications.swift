/// How a program of the guest ended.
public enum ProcessExit: Sendable, Equatable {
    case code(UInt8)
    case signal(GuestSignal)
}

extension ProcessExit: Codable {
    enum CodingKeys: String, CodingKey { case code, signal, number }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if container.contains(.code) {
            self = .code(try container.integer(.code, in: 0...255))
        } else {
            let number: UInt8 = try container.integer(.number, in: 1...64)
            guard let signal = GuestSignal(number: number), signal.name == (try container.text(.signal)) else {
                throw container.invalid(.signal, "is not the name of signal \(number)")
            }
            self = .signal(signal)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .code(let code): try container.encode(code, forKey: .code)
        case .signal(let signal):
            try container.encode(signal, forKey: .signal)
            try container.encode(signal.number, forKey: .number)
        }
    }
}

public struct ProcessExited: Sendable, Equatable, Codable {
    public var process: UInt32
    public var exit: ProcessExit

    public init(process: UInt32, exit: ProcessExit) {
        self.process = process
        self.exit = exit
    }
}

public struct ProcessStopped: Sendable, Equatable, Codable {
    public var process: UInt32
    public var signal: GuestSignal

    public init(process: UInt32, signal: GuestSignal) {
        self.process = process
        self.signal = signal
    }
}

/// The VM ended without being asked to.
public struct MachineExited: Error, Sendable, Equatable, Codable {
    public enum Reason: String, Sendable, Codable, CaseIterable { case panic, killed, crashed, `protocol`, lost }

    public var reason: Reason
    public var message: String
    /// The tail of the guest's console, sanitised, at most 4,096 bytes.
    public var console: String

    public init(reason: Reason, message: String, console: String) {
        self.reason = reason
        self.message = message
        self.console = console
    }
}

public struct Progress: Sendable, Equatable, Codable {
    public var task: String
    public var phase: String
    public var done: Int?
    public var total: Int?

    public init(task: String, phase: String, done: Int? = nil, total: Int? = nil) {
        self.task = task
        self.phase = phase
        self.done = done
        self.total = total
    }
}

public struct LogLine: Sendable, Equatable, Codable {
    public enum Level: String, Sendable, Codable, CaseIterable { case debug, info, warn, error }

    public var level: Level
    public var message: String

    public init(level: Level, message: String) {
        self.level = level
        self.message = message
    }
}

public enum HelperNotification: Sendable, Equatable {
    case processExited(ProcessExited)
    case processStopped(ProcessStopped)
    case machineExited(MachineExited)
    case progress(Progress)
    case log(LogLine)
    case portsListening(PortsListening)
}

extension HelperNotification: Codable {
    enum CodingKeys: String, CodingKey { case jsonrpc, method, params }

    enum Method: String, CaseIterable {
        case processExited = "process/exited"
        case processStopped = "process/stopped"
        case machineExited = "machine/exited"
        case progress, log
        case portsListening = "ports/listening"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let method: Method = try container.choice(.method)
        switch method {
        case .processExited: self = .processExited(try container.decode(ProcessExited.self, forKey: .params))
        case .processStopped: self = .processStopped(try container.decode(ProcessStopped.self, forKey: .params))
        case .machineExited: self = .machineExited(try container.decode(MachineExited.self, forKey: .params))
        case .progress: self = .progress(try container.decode(Progress.self, forKey: .params))
        case .log: self = .log(try container.decode(LogLine.self, forKey: .params))
        case .portsListening: self = .portsListening(try container.decode(PortsListening.self, forKey: .params))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("2.0", forKey: .jsonrpc)
        switch self {
        case .processExited(let params): try encode(.processExited, params, into: &container)
        case .processStopped(let params): try encode(.processStopped, params, into: &container)
        case .machineExited(let params): try encode(.machineExited, params, into: &container)
        case .progress(let params): try encode(.progress, params, into: &container)
        case .log(let params): try encode(.log, params, into: &container)
        case .portsListening(let params): try encode(.portsListening, params, into: &container)
        }
    }

    private func encode(
        _ method: Method, _ params: some Encodable, into container: inout KeyedEncodingContainer<CodingKeys>
    ) throws {
        try container.encode(method.rawValue, forKey: .method)
        try container.encode(params, forKey: .params)
    }
}
