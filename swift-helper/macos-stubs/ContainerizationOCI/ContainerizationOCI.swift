import Foundation

public struct User: Sendable {
    public var uid: UInt32
    public var gid: UInt32
    public init(
        uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32] = [], username: String = ""
    ) {
        (self.uid, self.gid) = (uid, gid)
    }
}

/// Here for their names alone, which clash.
public struct Mount: Sendable {}
public struct Image: Sendable {}
public struct LinuxCapabilities: Sendable {}
