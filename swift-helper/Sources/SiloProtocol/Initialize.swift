/// Name and version of one side.
public struct Peer: Sendable, Equatable, Codable {
    public var name: String
    public var version: String

    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}

public struct InitializeParameters: Sendable, Equatable, Codable {
    public var `protocol`: String
    public var client: Peer
}

public enum Platform: String, Sendable, Codable { case linux, macos }

public enum Architecture: String, Sendable, Codable {
    case x86 = "x86_64"
    case arm64

    /// What this program was compiled for.
    public static var current: Architecture {
        #if arch(arm64)
            .arm64
        #else
            .x86
        #endif
    }
}

public enum DriverName: String, Sendable, Codable { case qemu, apple }

public enum ShareKind: String, Sendable, Codable {
    case ninep = "9p"
    case virtiofs
}

public struct Capabilities: Sendable, Equatable, Codable {
    public var snapshots: Bool
    public var shares: [ShareKind]

    public init(snapshots: Bool, shares: [ShareKind]) {
        self.snapshots = snapshots
        self.shares = shares
    }
}

public struct InitializeResult: Sendable, Equatable, Codable {
    public var `protocol`: String
    public var helper: Peer
    public var platform: Platform
    public var architecture: Architecture
    public var driver: DriverName
    public var capabilities: Capabilities

    public init(
        protocol: String, helper: Peer, platform: Platform, architecture: Architecture, driver: DriverName,
        capabilities: Capabilities
    ) {
        self.protocol = `protocol`
        self.helper = helper
        self.platform = platform
        self.architecture = architecture
        self.driver = driver
        self.capabilities = capabilities
    }
}

/// The version of the helper protocol, `major.minor`: sides with the same major version understand each other.
public struct ProtocolVersion: Sendable {
    public static let current = "1.0"

    public static func isCompatible(_ other: String) -> Bool {
        let parts = other.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCII) && UInt($0) != nil }) else {
            return false
        }
        return parts[0] == current.prefix(while: { $0 != "." })
    }
}
