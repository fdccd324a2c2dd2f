import SiloDriver
import SiloIO
import SiloProtocol
import SiloWire
import Testing

@testable import SiloMachine

/// A table on one end of a socket pair, a guest that says what the test wants on the other.
@Suite struct GuestProcessTableTests {
    private let reactor: Reactor
    private let host: WirePort
    private let guest: WirePort
    private let table: GuestProcessTable
    private let seen = Box<[ControlMessage]>([])

    init() throws {
        reactor = try Reactor()
        let pair = try IO.socketPair()
        host = WirePort(fd: pair.0, multiplexer: Multiplexer(role: .host), reactor: reactor)
        guest = WirePort(fd: pair.1, multiplexer: Multiplexer(role: .guest), reactor: reactor)
        table = GuestProcessTable(port: host)
        guest.onControl = { [seen] in seen.value.append($0) }
    }

    private func spec(stdout: String = "pipe") throws -> ProcessSpec {
        let json = """
            {"process": 1, "argv": ["tool"], "env": [], "cwd": "/gone", "user": {"uid": 0, "gid": 0, "groups": []},
             "stdio": {"stdin": "null", "stdout": "\(stdout)", "stderr": "null"}}
            """
        return try JSONCoding.decode(ProcessSpec.self, from: Array(json.utf8))
    }

    /// Starts process 1 with a stdout; our end of its data connection, and what START said.
    private func start(
        _ started: @escaping (Result<Int32, HelperError>) -> Void
    ) throws -> (connection: Int32, request: StartRequest) {
        let data = try IO.socketPair()
        var streams = ProcessStreams()
        streams.stdout = data.0
        table.start(try spec(), streams: streams, started)
        #expect(reactor.run(until: { !seen.value.isEmpty }, milliseconds: 1_000))
        guard case .start(let request)? = seen.value.first else {
            throw SystemError("see START", errno: EPROTO)
        }
        return (data.1, request)
    }

    @Test func theEndComesAfterTheLastByteOfOutput() throws {
        let pid = Box<Int32?>(nil)
        let exit = Box<ProcessExit?>(nil)
        let (connection, request) = try start { pid.value = try? $0.get() }
        try table.handleStarted(1, pid: 42)
        #expect(pid.value == 42 && table.isRunning(1))
        table.wait(1) { exit.value = try? $0.get() }

        // More than the connection's buffers hold: the rest waits in the helper until somebody reads.
        let stream = request.streams.stdout
        try guest.multiplexer.acceptImplicit(stream, .send)
        let output = [UInt8](repeating: 7, count: WireLimits.windowBytes)
        #expect(output.withUnsafeBytes { guest.multiplexer.sendData(stream, $0) } == output.count)
        guest.multiplexer.sendEnd(stream)
        guest.flush()
        _ = reactor.run(until: { false }, milliseconds: 50)
        try table.handleExited(1, .code(3))
        #expect(exit.value == nil && !table.isRunning(1))

        var received = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let isOver = reactor.run(
            until: {
                while true {
                    let count = read(connection, &buffer, buffer.count)
                    if count <= 0 { return count == 0 }
                    received += count
                }
            }, milliseconds: 5_000)
        #expect(isOver && received == output.count && exit.value == .code(3))
        _ = close(connection)
    }

    @Test func aReaderThatGoesAwayEndsTheStreamAndNotTheWait() throws {
        let exit = Box<ProcessExit?>(nil)
        let (connection, request) = try start { _ in }
        try table.handleStarted(1, pid: 42)
        table.wait(1) { exit.value = try? $0.get() }
        try guest.multiplexer.acceptImplicit(request.streams.stdout, .send)
        _ = close(connection)
        #expect(reactor.run(until: { !guest.multiplexer.isOpen(request.streams.stdout) }, milliseconds: 1_000))
        try table.handleExited(1, .signal(13))
        #expect(exit.value == .signal(GuestSignal(number: 13)!))
    }

    @Test func aStartThatFailsNamesTheStage() throws {
        let failure = Box<HelperError?>(nil)
        let (connection, _) = try start { if case .failure(let error) = $0 { failure.value = error } }
        try table.handleStartFailed(1, stage: .chdir, errno: ENOENT)
        #expect(failure.value?.kind == .exec && failure.value?.stage == .chdir && failure.value?.errno == ENOENT)
        #expect(failure.value?.message.contains("/gone") == true)
        var byte: UInt8 = 0
        #expect(read(connection, &byte, 1) == 0)
        _ = close(connection)
    }

    @Test func contradictionsAreViolations() throws {
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleStarted(1, pid: 1) }
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleExited(1, .code(0)) }
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleStartFailed(1, stage: .exec, errno: 2) }
        let (connection, _) = try start { _ in }
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleExited(1, .code(0)) }
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleStarted(1, pid: 0) }
        try table.handleStarted(1, pid: 5)
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleStarted(1, pid: 5) }
        #expect(throws: GuestProcessTable.Violation.self) { try table.handleExited(1, .signal(0)) }
        _ = close(connection)
    }

    @Test func theEndOfTheMachineEndsEveryWait() throws {
        let gone = HelperError(.machineGone, "over")
        let failure = Box<HelperError?>(nil)
        let (connection, _) = try start { _ in }
        try table.handleStarted(1, pid: 42)
        table.wait(1) { if case .failure(let error) = $0 { failure.value = error } }
        table.close(gone)
        #expect(failure.value == gone)
        var byte: UInt8 = 0
        #expect(read(connection, &byte, 1) == 0)
        _ = close(connection)
    }
}

/// A value that closures of one thread share.
private final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}
