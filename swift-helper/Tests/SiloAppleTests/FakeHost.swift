import CSilo
import SiloApple
import SiloDriver
import SiloIO
import SiloProtocol
import SiloWire
import Synchronization

@testable import SiloGuest

/// Apple's frameworks as the driver sees them, without a Mac: every call is noted, each can be made to fail or to hang,
/// and the agent that `exec` starts is the real one, on a thread of this process, running real programs.
final class FakeHost: VirtualMachineHost {
    enum Step: String, Sendable, CaseIterable {
        case clone, makeEmptyFileSystem, makeContainer, create, listen, start, exec, agentStart
    }

    struct Refusal: Error, CustomStringConvertible {
        let step: Step
        var description: String { "VZErrorDomain at \(step.rawValue)" }
    }

    /// How the agent behaves once it is started.
    enum AgentKind: Sendable {
        case real
        /// Ends before it dials, having said something.
        case exits
        case silent
        case otherVersion
        case floods
    }

    var failing: Step?
    var hanging: Step?
    var stopHangs = false
    var agent = AgentKind.real
    var hostFacts = HostFacts(systemVersion: "26.1", isSupported: true, isEntitled: true, libraryVersion: "0.40.2")
    let log = Mutex<[String]>([])
    let plan = Mutex<ContainerPlan?>(nil)
    let container = Mutex<FakeContainer?>(nil)

    /// Settings are made before the driver runs.
    init(_ configure: (FakeHost) -> Void = { _ in }) { configure(self) }

    var calls: [String] { log.withLock { $0 } }

    func note(_ call: String) { log.withLock { $0.append(call) } }

    func pass(_ step: Step) throws {
        note(step.rawValue)
        if failing == step { throw Refusal(step: step) }
    }

    func passOrHang(_ step: Step) async throws {
        try pass(step)
        // As long as no test: the driver's own limit has to end the wait.
        if hanging == step { try? await Task.sleep(nanoseconds: 3_600_000_000_000) }
    }

    func facts() -> HostFacts { hostFacts }

    func clone(_ from: String, to: String) throws {
        try pass(.clone)
        let source = silo_open(from, O_RDONLY, 0)
        var status = stat()
        fstat(source, &status)
        let target = silo_open(to, O_WRONLY | O_CREAT | O_EXCL, status.st_mode & 0o777)
        guard source >= 0, target >= 0 else { throw SystemError("clone") }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(source, &bytes, bytes.count)
        _ = write(target, bytes, count)
        for fd in [source, target] { _ = close(fd) }
    }

    func makeFileSystem(archive: String, output: String, bytes: UInt64) async throws {
        note("makeFileSystem")
        let fd = silo_open(output, O_WRONLY | O_CREAT | O_EXCL, 0o644)
        _ = write(fd, [1, 2, 3], 3)
        _ = close(fd)
        if failing == .create { throw Refusal(step: .create) }
    }

    func makeEmptyFileSystem(_ path: String, bytes: UInt64) throws {
        try pass(.makeEmptyFileSystem)
        let fd = silo_open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644)
        guard fd >= 0, ftruncate(fd, off_t(bytes)) == 0 else { throw SystemError("make \(path)") }
        _ = close(fd)
    }

    func makeContainer(_ plan: ContainerPlan) throws -> any ContainerHandle {
        try pass(.makeContainer)
        self.plan.withLock { $0 = plan }
        let made = FakeContainer(host: self, plan: plan)
        container.withLock { $0 = made }
        return made
    }
}

// Tests set its fields before they hand it on.
extension FakeHost: @unchecked Sendable {}

/// A VM that is a thread.
final class FakeContainer: ContainerHandle, Sendable {
    private let host: FakeHost
    private let plan: ContainerPlan
    let listener = FakeListener()
    let exit = Mutex<CheckedContinuation<Int32, any Error>?>(nil)
    private let ended = Mutex<Result<Int32, any Error>?>(nil)
    /// The guest's end of a connection that nobody serves; -1: none.
    let unserved = Mutex<Int32>(-1)

    init(host: FakeHost, plan: ContainerPlan) {
        self.host = host
        self.plan = plan
    }

    func create() async throws {
        let fd = silo_open(plan.bootLog, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let text = Array("[    0.1] Linux version 6.18\n".utf8)
        _ = write(fd, text, text.count)
        _ = close(fd)
        try await host.passOrHang(.create)
    }

    func listen(port: UInt32) async throws -> any GuestListener {
        try await host.passOrHang(.listen)
        listener.onFinish { [host] in host.note("finish") }
        return listener
    }

    func start() async throws { try await host.passOrHang(.start) }

    func exec(
        _ id: String, _ arguments: [String], capabilities: [String], output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> any GuestProgram {
        try await host.passOrHang(.exec)
        return FakeProgram(host: host, container: self, output: output)
    }

    func stop() async throws {
        unserved.withLock { fd in
            guard fd >= 0 else { return }
            if silo_is_hung_up(fd) != 0 { host.note("hung up") }
            _ = close(fd)
            fd = -1
        }
        host.note("stop")
        end(.failure(FakeHost.Refusal(step: .start)))
        if host.stopHangs { try? await Task.sleep(nanoseconds: 3_600_000_000_000) }
    }

    /// The agent's program is over.
    func end(_ result: Result<Int32, any Error>) {
        let waiting = exit.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        ended.withLock { if $0 == nil { $0 = result } }
        waiting?.resume(with: result)
    }

    func wait() async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            if let result = ended.withLock({ $0 }) { return continuation.resume(with: result) }
            exit.withLock { $0 = continuation }
        }
    }
}

final class FakeListener: GuestListener, Sendable {
    let connections: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation
    private let finished = Mutex<(@Sendable () -> Void)?>(nil)

    init() { (connections, continuation) = AsyncStream.makeStream() }

    func onFinish(_ body: @escaping @Sendable () -> Void) { finished.withLock { $0 = body } }

    /// A program of the guest connects; its end of the connection.
    func connect() throws -> Int32 {
        let pair = try IO.socketPair()
        continuation.yield(pair.0)
        return pair.1
    }

    func finish() {
        continuation.finish()
        finished.withLock { body in
            body?()
            body = nil
        }
    }
}

private struct FakeProgram: GuestProgram {
    let host: FakeHost
    let container: FakeContainer
    let output: @Sendable ([UInt8]) -> Void

    func start() async throws {
        try await host.passOrHang(.agentStart)
        switch host.agent {
        case .exits:
            output(Array("silo-guest: no vsock\u{1B}[2J\n".utf8))
            container.end(.success(1))
        case .silent:
            let fd = try container.listener.connect()
            container.unserved.withLock { $0 = fd }
        case .real: try runAgent(container.listener.connect())
        case .otherVersion: try say(.hello(version: 99, agent: [], kernel: []))
        case .floods:
            try say(.started(process: 7, pid: 1))
        }
    }

    func wait() async throws -> Int32 { try await container.wait() }

    private func say(_ message: ControlMessage) throws {
        let fd = try container.listener.connect()
        let multiplexer = Multiplexer(role: .guest)
        try multiplexer.send(message)
        _ = IO.drain(multiplexer.output, to: fd)
    }

    private func runAgent(_ fd: Int32) {
        SiloDriver.Thread.detach { [container] in
            silo_ignore_sigpipe()
            guard let reactor = try? Reactor() else { return }
            let port = WirePort(fd: fd, multiplexer: Multiplexer(role: .guest), reactor: reactor)
            let agent = Agent(port: port, testLimits: ToolLimits(), role: .bridge) { reactor.stop() }
            agent.greet()
            withExtendedLifetime(agent) { reactor.run() }
            _ = SiloIO.close(fd)
            container.end(.success(0))
        }
    }
}
