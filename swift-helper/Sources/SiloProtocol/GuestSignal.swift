/// A signal of the guest. Names travel on the helper protocol because numbers differ between systems (SIGUSR1 is 10 on
/// Linux and 30 on macOS); numbers here are always Linux' (`man 7 signal`, x86 and arm64).
public struct GuestSignal: Sendable, Hashable {
    public let number: UInt8

    /// From a Linux number, 1…64.
    public init?(number: UInt8) {
        guard (1...64).contains(number) else { return nil }
        self.number = number
    }

    /// From a name such as `SIGTERM` or `SIGRTMIN+1`.
    public init?(name: String) {
        if let index = Self.names.firstIndex(of: name) {
            self.number = UInt8(index + 1)
        } else if name.hasPrefix("SIGRTMIN"), let offset = Self.offset(name.dropFirst(8)) {
            self.number = Self.firstRealTime + offset
        } else {
            return nil
        }
    }

    public var name: String {
        if number < Self.firstRealTime {
            // 32 and 33 are the C library's own and have no name.
            return Int(number) <= Self.names.count ? Self.names[Int(number) - 1] : "SIG\(number)"
        }
        return number == Self.firstRealTime ? "SIGRTMIN" : "SIGRTMIN+\(number - Self.firstRealTime)"
    }

    private static let firstRealTime: UInt8 = 34

    private static let names = [
        "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
        "SIGSYS",
    ]

    /// `""` → 0, `"+1"` → 1 … `"+30"` → 30.
    private static func offset(_ text: Substring) -> UInt8? {
        if text.isEmpty { return 0 }
        guard text.first == "+", let value = UInt8(text.dropFirst()), (1...30).contains(value) else { return nil }
        return value
    }
}

extension GuestSignal: Codable {
    public init(from decoder: any Decoder) throws {
        guard let name = try? decoder.singleValueContainer().decode(String.self) else {
            throw decoder.invalid("must be the name of a signal")
        }
        guard let signal = GuestSignal(name: name) else {
            throw decoder.invalid("is \"\(name)\", which is no signal of Linux")
        }
        self = signal
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
