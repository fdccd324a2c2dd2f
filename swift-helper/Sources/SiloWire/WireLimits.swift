/// Sizes and numbers of the guest wire, version 2 (`docs/protocol.md`, section 2).
public enum WireLimits {
    /// Version in HELLO.
    public static let version: UInt32 = 2
    /// Bytes of a frame's header.
    public static let headerBytes = 12
    /// Most bytes of payload in one frame.
    public static let payloadBytes = 65_536
    /// Bytes of credit that each direction of each stream starts with; credit never grows beyond it.
    public static let windowBytes = 262_144
    /// Credit is given back in steps of at least this many bytes.
    public static let creditStepBytes = windowBytes / 4
    /// Longest control message to the guest, kind included.
    public static let controlToGuestBytes = 4 << 20
    /// Longest control message to the host, kind included.
    public static let controlToHostBytes = 256 << 10
    /// Most streams that one side may have open at a time.
    public static let streams = 1024
    /// Most ports in LISTENING.
    public static let listeningPorts = 64
}

/// Which end of the wire this is. The host is the trusted end.
public enum WireRole: Sendable {
    case host
    case guest

    /// Longest control message that this end accepts, in bytes.
    var incomingControlBytes: Int {
        self == .host ? WireLimits.controlToHostBytes : WireLimits.controlToGuestBytes
    }

    /// Longest control message that this end may send, in bytes.
    var outgoingControlBytes: Int {
        self == .host ? WireLimits.controlToGuestBytes : WireLimits.controlToHostBytes
    }
}

/// A stream's number: odd when the host opened it, even when the guest did; 0 stands for "none".
public typealias StreamID = UInt32

/// Why a stream was reset. Informative: whatever the number, both directions are over.
public enum ResetReason {
    /// The reader went away.
    public static let closed: UInt32 = 1
    /// An input or output error on the descriptor behind the stream.
    public static let failed: UInt32 = 2
    /// Nobody wants this stream: refused.
    public static let refused: UInt32 = 3
}
