import CSilo
import SiloDriver
import SiloIO
import SiloProtocol
import Testing

@testable import SiloApple

/// Programs in a machine of the driver: the agent that starts them is the real one.
@Suite(.timeLimit(.minutes(1)), .serialized) struct ProgramTests {
    private let files: Files

    init() throws { files = try Files() }

    private func run(
        _ argv: [String], terminal: Bool = false,
        while running: (any GuestProcess) async throws -> Void = { _ in }
    ) async throws -> (exit: ProcessExit, output: String) {
        let started = try await AppleDriver(host: FakeHost()).start(files.spec(), events: SeenEvents())
        let program = try Program(argv, terminal: terminal)
        let process = try await started.machine.start(program.spec, streams: program.streams)
        try await running(process)
        let exit = try await process.wait()
        let output = program.text()
        await started.machine.stop()
        return (exit, output)
    }

    @Test func outputAndExitCodeArrive() async throws {
        let result = try await run(["sh", "-c", "echo hello; exit 7"])
        #expect(result.exit == .code(7) && result.output == "hello\n")
    }

    @Test func aProgramThatIsNotThereIsExecWithItsErrno() async throws {
        let error = await failure { try await run(["no-such-program"]) }
        #expect(error?.kind == .exec && error?.errno == ENOENT && error?.stage == .exec)
    }

    @Test func signalsGoByNameAndComeBackByName() async throws {
        let user1 = try #require(GuestSignal(name: "SIGUSR1"))
        let result = try await run(["sleep", "60"]) { try await $0.signal(user1, scope: .process) }
        #expect(result.exit == .signal(user1) && user1.number == 10, "Linux's number, whatever the host's is")
    }

    @Test func aTerminalHasTheSizeThatItWasGiven() async throws {
        let script = """
            until [ "$(stty size < /dev/tty)" = "50 132" ]; do sleep 0.05; done
            stty size < /dev/tty
            exit 3
            """
        let result = try await run(["sh", "-c", script], terminal: true) { process in
            try await process.resize(rows: 50, columns: 132)
        }
        #expect(result.exit == .code(3) && result.output.contains("50 132"))
    }

    @Test func aPortOfTheGuestIsReached() async throws {
        let server = silo_tcp_listen(0x7F00_0001, 0, 1)
        let data = silo_unix_listen(files.run + "/data", getuid(), getgid(), 4)
        defer { for fd in [server, data] { _ = close(fd) } }
        var (address, number): (UInt32, UInt16) = (0, 0)
        #expect(silo_local_address(server, &address, &number) == 0)

        let started = try await AppleDriver(host: FakeHost()).start(files.spec(), events: SeenEvents())
        try await started.machine.openPort(number, stream: 5)
        let connection = try await accept(data)
        let (served, header) = (try await accept(server), Array("{\"stream\":\"port\",\"id\":5}\n".utf8))
        let answer = Array("from the guest".utf8)
        #expect(write(served, answer, answer.count) == answer.count)
        _ = close(served)
        #expect(try await readAll(connection) == header + answer)
        _ = close(connection)
        await started.machine.stop()
        let late = await failure { try await started.machine.openPort(number, stream: 6) }
        #expect(late?.kind == .machineGone)
    }
}

/// The next connection of a non-blocking listener; the suite's limit ends a wait for one that never comes.
private func accept(_ listener: Int32) async throws -> Int32 {
    while true {
        let fd = silo_tcp_accept(listener)
        if fd >= 0 { return fd }
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Everything until the other end closes.
private func readAll(_ fd: Int32) async throws -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = read(fd, &buffer, buffer.count)
        if count > 0 { all += buffer[..<count] }
        if count == 0 || (count < 0 && errno != EAGAIN) { return all }
        try Task.checkCancellation()
        await Task.yield()
    }
}
