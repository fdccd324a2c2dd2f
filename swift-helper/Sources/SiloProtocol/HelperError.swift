/// A failure that `silo` shows to a person: what could not be done and why, and in `hint` what to do.
public struct HelperError: Error, Sendable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case version, order, noHypervisor, bootTimeout, machineGone, invalid, rootfs, disk, guest, exec

        /// The JSON-RPC error code.
        public var code: Int {
            switch self {
            case .version: -32001
            case .order: -32002
            case .noHypervisor: -32010
            case .bootTimeout: -32011
            case .machineGone: -32012
            case .invalid: -32013
            case .rootfs: -32014
            case .disk: -32015
            case .guest: -32016
            case .exec: -32020
            }
        }
    }

    /// Where starting a program failed.
    public enum Stage: String, Sendable, Codable, CaseIterable { case chdir, exec }

    public var kind: Kind
    public var message: String
    public var hint: String?
    /// The tail of the guest's console, sanitised.
    public var console: String?
    /// As the kernel gave it: the guest's for `exec`, the host's otherwise.
    public var errno: Int32?
    public var stage: Stage?
    /// `invalid` only: the parameter, as `shares[0].tag`.
    public var field: String?
    /// `version` only: the two protocol versions.
    public var client: String?
    public var helper: String?

    public init(
        _ kind: Kind, _ message: String, hint: String? = nil, console: String? = nil, errno: Int32? = nil
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.console = console
        self.errno = errno
    }

    public static func invalid(_ field: String, _ problem: String) -> HelperError {
        var error = HelperError(.invalid, "`\(field)` \(problem)")
        error.field = field
        return error
    }

    public static func exec(_ message: String, stage: Stage, errno: Int32) -> HelperError {
        var error = HelperError(.exec, message, errno: errno)
        error.stage = stage
        return error
    }

    public static func version(client: String, helper: String) -> HelperError {
        var error = HelperError(
            .version, "silo speaks helper protocol \(client), silo-helper speaks \(helper)",
            hint: "install silo and silo-helper of the same release; from a checkout, build the helper again")
        error.client = client
        error.helper = helper
        return error
    }
}

/// The `error` member of a JSON-RPC response.
public struct ErrorObject: Sendable, Equatable, Codable {
    public struct Details: Sendable, Equatable, Codable {
        public var kind: HelperError.Kind
        public var hint: String?
        public var console: String?
        public var errno: Int32?
        public var stage: HelperError.Stage?
        public var field: String?
        public var client: String?
        public var helper: String?
    }

    public var code: Int
    public var message: String
    public var data: Details?

    public init(code: Int, message: String) {
        self.code = code
        self.message = message
    }

    public init(_ error: HelperError) {
        code = error.kind.code
        message = error.message
        data = Details(
            kind: error.kind, hint: error.hint, console: error.console, errno: error.errno, stage: error.stage,
            field: error.field, client: error.client, helper: error.helper)
    }

    public static func notJSON() -> ErrorObject { ErrorObject(code: -32700, message: "a message is not JSON") }

    public static func invalidRequest(_ why: String) -> ErrorObject {
        ErrorObject(code: -32600, message: "a message is not a JSON-RPC 2.0 request: \(why)")
    }

    public static func unknownMethod(_ method: String) -> ErrorObject {
        ErrorObject(code: -32601, message: "unknown method `\(method)`")
    }
}
