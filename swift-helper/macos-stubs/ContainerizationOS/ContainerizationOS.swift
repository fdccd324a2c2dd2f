import Foundation

public struct Terminal: Sendable {
    public struct Size: Sendable {
        public init(width: UInt16, height: UInt16) { fatalError() }
    }
}

extension BinaryInteger {
    public func kib() -> UInt64 { fatalError() }
    public func mib() -> UInt64 { fatalError() }
    public func gib() -> UInt64 { fatalError() }
}

/// Here for its name alone, which clashes.
public struct Mount: Sendable {}
public struct User: Sendable {}
