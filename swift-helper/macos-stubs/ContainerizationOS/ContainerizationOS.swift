import Foundation

public struct CapabilityName: Sendable, Hashable {
    public let name: String
    public init(rawValue: String) throws {
        guard rawValue.hasPrefix("CAP_") else { throw NotACapability() }
        name = rawValue
    }
    struct NotACapability: Error {}
}

extension BinaryInteger {
    public func kib() -> UInt64 { UInt64(self) << 10 }
    public func mib() -> UInt64 { UInt64(self) << 20 }
    public func gib() -> UInt64 { UInt64(self) << 30 }
}

/// Here for its name alone, which clashes.
public struct Mount: Sendable {}
public struct User: Sendable {}
