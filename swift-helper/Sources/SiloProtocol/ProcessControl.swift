public enum SignalScope: String, Sendable, Codable, CaseIterable { case process, group }

public struct SignalParameters: Sendable, Equatable {
    public var process: UInt32
    public var signal: GuestSignal
    public var scope: SignalScope

    public init(process: UInt32, signal: GuestSignal, scope: SignalScope) {
        self.process = process
        self.signal = signal
        self.scope = scope
    }
}

extension SignalParameters: Codable {
    enum CodingKeys: String, CodingKey { case process, signal, scope }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        process = try container.integer(.process, in: 1...(.max))
        signal = try container.decode(GuestSignal.self, forKey: .signal)
        scope = try container.choice(.scope)
    }
}

public struct ResizeParameters: Sendable, Equatable {
    public var process: UInt32
    public var rows: UInt16
    public var columns: UInt16

    public init(process: UInt32, rows: UInt16, columns: UInt16) {
        self.process = process
        self.rows = rows
        self.columns = columns
    }
}

extension ResizeParameters: Codable {
    enum CodingKeys: String, CodingKey { case process, rows, columns }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        process = try container.integer(.process, in: 1...(.max))
        rows = try container.integer(.rows, in: 0...(.max))
        columns = try container.integer(.columns, in: 0...(.max))
    }
}
