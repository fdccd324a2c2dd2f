/// A system call that failed: what was to be done, and why not.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What could not be done, as in "connect to /run/x"; reads on after "cannot".
    public var action: String
    public var errno: Int32

    /// `errno`: the calling thread's, unless one is given.
    public init(_ action: String, errno code: Int32? = nil) {
        self.action = action
        self.errno = code ?? currentErrno()
    }

    public var description: String { "cannot \(action): \(SystemError.text(of: errno))" }

    /// The C library's words for an errno.
    public static func text(of code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }
}

/// The calling thread's errno.
@inline(__always)
func currentErrno() -> Int32 {
    #if canImport(Darwin)
        Darwin.errno
    #elseif canImport(Glibc)
        Glibc.errno
    #else
        Musl.errno
    #endif
}
