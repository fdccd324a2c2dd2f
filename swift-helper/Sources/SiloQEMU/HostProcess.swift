import CSilo
import SiloDriver
import SiloIO
import SiloProtocol

/// How a process of the host ended.
enum HostExit: Sendable, Equatable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    init(status: Int32) {
        self = silo_exited(status) != 0 ? .code(silo_exit_code(status)) : .signal(silo_termination_signal(status))
    }

    var description: String {
        switch self {
        case .code(let code): "exited with code \(code)"
        case .signal(let number): "was ended by \(GuestSignal(number: UInt8(number))?.name ?? "signal \(number)")"
        }
    }
}

/// Programs of the host that the helper starts. Each dies with the thread that started it, unless it is told to
/// outlive it.
enum HostProcess {
    struct Command {
        /// The first word is an absolute path, or is looked up in PATH.
        var words: [String]
        var standardInput: Int32 = -1
        var standardOutput: Int32 = -1
        var standardError: Int32 = -1
        /// Stay open in the program, under the same numbers.
        var descriptors: [Int32] = []
        /// Besides `inheritedVariables`.
        var environment: [String] = []
        /// Goes on when its parent has ended, in a session of its own.
        var outlivesParent = false
        /// A socket for `silo_spawn.trap_opens`; -1: none.
        var openTrap: Int32 = -1
    }

    /// What a program of the host may need to find its own files; nothing else of the environment reaches it.
    private static let inheritedVariables = ["PATH", "TMPDIR"]

    /// Starts a program; its pid.
    static func spawn(_ command: Command) throws(SystemError) -> pid_t {
        guard let path = find(command.words[0]) else {
            throw SystemError("start \(command.words[0])", errno: ENOENT)
        }
        let environment = inheritedVariables.compactMap { name in variable(name).map { "\(name)=\($0)" } }
        let pid = withCStrings(command.words) { argv in
            withCStrings(environment + command.environment) { envp in
                path.withCString { path in
                    command.descriptors.withUnsafeBufferPointer { descriptors in
                        var spawn = silo_spawn()
                        spawn.path = path
                        spawn.argv = argv
                        spawn.envp = envp
                        spawn.stdio = (command.standardInput, command.standardOutput, command.standardError)
                        spawn.pass_fds = descriptors.baseAddress
                        spawn.pass_count = Int32(descriptors.count)
                        spawn.new_session = command.outlivesParent ? 1 : 0
                        spawn.death_signal = command.outlivesParent ? 0 : SIGKILL
                        spawn.trap_opens = command.openTrap
                        return silo_spawn(&spawn)
                    }
                }
            }
        }
        guard pid > 0 else { throw SystemError("start \(path)") }
        return pid
    }

    /// Runs a program to its end, at most `milliseconds`, on a thread of its own. Its output is kept up to `limit` bytes
    /// from each stream.
    static func run(
        _ command: Command, limit: Int = 65_536, milliseconds: Int
    ) async throws -> (exit: HostExit, output: [UInt8], errors: [UInt8]) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detach {
                continuation.resume(with: Result { try runHere(command, limit: limit, milliseconds: milliseconds) })
            }
        }
    }

    private static func runHere(
        _ command: Command, limit: Int, milliseconds: Int
    ) throws(SystemError) -> (exit: HostExit, output: [UInt8], errors: [UInt8]) {
        let reactor = try Reactor()
        let output = try IO.pipe(nonblocking: false)
        let errors = try IO.pipe(nonblocking: false)
        var command = command
        command.standardOutput = output.write
        command.standardError = errors.write
        let pid: pid_t
        do {
            defer { for fd in [output.write, errors.write] { _ = close(fd) } }
            pid = try spawn(command)
        } catch {
            for fd in [output.read, errors.read] { _ = close(fd) }
            throw error
        }
        let captures = [Capture(output.read, limit, reactor), Capture(errors.read, limit, reactor)]
        // Its output ends when it ends; a program that closes both and lives on is waited for all the same.
        let inTime = reactor.run(until: { captures.allSatisfy(\.hasEnded) }, milliseconds: milliseconds)
        if !inTime { kill(pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        for capture in captures { capture.close() }
        guard inTime else { throw SystemError("wait for \(command.words[0])", errno: ETIMEDOUT) }
        return (HostExit(status: status), captures[0].bytes, captures[1].bytes)
    }

    /// The program's absolute path, or nil if there is none that may be executed. `before`: directories to look into
    /// before those of PATH. Relative ones of PATH are passed over: they could be a project's.
    static func find(_ name: String, before first: [String] = []) -> String? {
        if name.utf8.contains(UInt8(ascii: "/")) { return access(name, X_OK) == 0 ? name : nil }
        let path = (variable("PATH") ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        let directories = first + path.filter { $0.hasPrefix("/") }
        return directories.lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(&pointers)
    }
}

/// Reads a descriptor to its end and keeps the last bytes.
final class Capture {
    private(set) var bytes: [UInt8] = []
    private(set) var hasEnded = false
    var onEnd: () -> Void = {}
    var onBytes: () -> Void = {}
    private let fd: Int32
    private let limit: Int
    private var watch: Watch!

    init(_ fd: Int32, _ limit: Int, _ reactor: Reactor) {
        self.fd = fd
        self.limit = limit
        silo_set_nonblocking(fd, 1)
        watch = reactor.watch(fd, .read) { [weak self] _ in self?.read() }
    }

    func read() {
        guard !hasEnded else { return }
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { buffer in
            switch IO.read(fd, into: buffer) {
            case .bytes(let count):
                bytes.append(contentsOf: buffer[..<count])
                if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
                onBytes()
            case .wouldBlock: return
            case .end, .failed:
                hasEnded = true
                watch.isPaused = true
                onEnd()
            }
        }
    }

    func close() {
        detach()
        _ = SiloIO.close(fd)
    }

    /// Reads no more; the descriptor stays open.
    func detach() {
        watch.remove()
        hasEnded = true
    }
}
