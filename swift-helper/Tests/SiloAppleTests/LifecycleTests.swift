import SiloDriver
import SiloIO
import SiloProtocol
import Testing

@testable import SiloApple

@Suite(.timeLimit(.minutes(1)), .serialized) struct LifecycleTests {
    private let files: Files
    private let events = SeenEvents()

    init() throws { files = try Files() }

    private func boot(_ host: FakeHost, timeoutMs: Int = 10_000) async throws -> StartedMachine {
        try await AppleDriver(host: host).start(files.spec(timeoutMs: timeoutMs), events: events)
    }

    @Test func aRunCallsTheFrameworkInItsOrderAndLeavesNothing() async throws {
        let host = FakeHost()
        let started = try await boot(host)
        #expect(started.report.accelerator == .apple && started.report.attempts == 1)
        #expect(started.report.timings.map(\.phase) == ["clone", "boot", "configure"])
        await started.machine.stop()
        #expect(
            host.calls == [
                "clone", "clone", "makeContainer", "create", "listen", "start", "exec", "agentStart", "finish", "stop",
            ])
        #expect(files.left.isEmpty)
        #expect(events.exits.withLock { $0.isEmpty }, "a machine that was stopped is not reported as ended")
    }

    @Test func stoppingTwiceStopsOnce() async throws {
        let host = FakeHost()
        let started = try await boot(host)
        async let first: Void = started.machine.stop()
        async let second: Void = started.machine.stop()
        _ = await (first, second)
        #expect(host.calls.filter { $0 == "stop" }.count == 1)
    }

    @Test(arguments: FakeHost.Step.allCases)
    func whateverFailsIsReportedAndUndone(_ step: FakeHost.Step) async throws {
        let host = FakeHost { $0.failing = step }
        let spec = try files.spec(scratchMiB: 64)
        let error = await failure { try await AppleDriver(host: host).start(spec, events: events) }
        #expect(error?.message.contains("VZErrorDomain at \(step.rawValue)") == true)
        #expect(error?.kind == ([.clone, .makeEmptyFileSystem].contains(step) ? .disk : .noHypervisor))
        #expect(files.left.isEmpty)
        let made: [FakeHost.Step] = [.create, .listen, .start, .exec, .agentStart]
        #expect(host.calls.contains("stop") == made.contains(step), "what may run is stopped, and nothing else")
        #expect(host.calls.contains("finish") == [.start, .exec, .agentStart].contains(step))
        if made.contains(step) { #expect(error?.console?.contains("Linux version") == true) }
    }

    @Test(arguments: [FakeHost.Step.create, .listen, .start, .exec, .agentStart])
    func whateverHangsEndsWithTheLimit(_ step: FakeHost.Step) async throws {
        let host = FakeHost { $0.hanging = step }
        let before = Reactor.now()
        let error = await failure { try await boot(host, timeoutMs: 200) }
        #expect(error?.kind == .bootTimeout)
        #expect(Reactor.now() - before < 5_000_000_000)
        #expect(files.left.isEmpty && host.calls.contains("stop"))
    }

    @Test(arguments: [FakeHost.Step.create, .start, .agentStart])
    func aBootThatIsCancelledIsUndone(_ step: FakeHost.Step) async throws {
        let host = FakeHost { $0.hanging = step }
        let (spec, events) = (try files.spec(), events)
        let start = Task { try await AppleDriver(host: host).start(spec, events: events) }
        while !host.calls.contains(step.rawValue) { await Task.yield() }
        start.cancel()
        let error = await failure { try await start.value }
        #expect(error?.kind == .machineGone)
        #expect(files.left.isEmpty && host.calls.last == "stop")
    }

    @Test func aStopThatHangsEndsWithinTwoSeconds() async throws {
        let host = FakeHost { $0.stopHangs = true }
        let started = try await boot(host)
        let before = Reactor.now()
        await started.machine.stop()
        #expect(Reactor.now() - before < 2_000_000_000)
        #expect(files.left.isEmpty)
    }

    @Test func anAgentThatEndsAtOnceSaysWhy() async throws {
        let error = await failure { try await boot(FakeHost { $0.agent = .exits }) }
        #expect(error?.kind == .guest && error?.message.contains("exited with 1") == true)
        #expect(error?.console?.contains("silo-guest: no vsock\u{FFFD}[2J") == true, "made harmless: \(error as Any)")
    }

    @Test func anAgentThatSaysNothingIsATimeOut() async throws {
        let error = await failure { try await boot(FakeHost { $0.agent = .silent }, timeoutMs: 300) }
        #expect(error?.kind == .bootTimeout && error?.message.contains("configure") == true)
    }

    @Test func theConnectionIsClosedBeforeTheVMStops() async throws {
        let host = FakeHost { $0.agent = .silent }
        _ = await failure { try await boot(host, timeoutMs: 300) }
        #expect(host.calls.suffix(3) == ["finish", "hung up", "stop"])
    }

    @Test func anAgentOfAnotherReleaseIsRefusedWithTheMend() async throws {
        let error = await failure { try await boot(FakeHost { $0.agent = .otherVersion }) }
        #expect(error?.kind == .guest && error?.message.contains("wire version 99") == true)
        #expect(error?.hint?.contains("same release") == true)
    }

    @Test func anAgentThatBreaksTheProtocolIsOfNoUse() async throws {
        let error = await failure { try await boot(FakeHost { $0.agent = .floods }) }
        #expect(error != nil && files.left.isEmpty)
    }

    @Test func aVMThatEndsByItselfIsReportedWithItsConsole() async throws {
        let host = FakeHost()
        let started = try await boot(host)
        let program = try Program(["sleep", "60"])
        let process = try await started.machine.start(program.spec, streams: program.streams)
        host.container.withLock { $0 }?.end(.failure(FakeHost.Refusal(step: .create)))
        await #expect(throws: HelperError.self) { try await process.wait() }
        let exit = try await events.exit()
        #expect(exit.reason == .crashed && exit.message.contains("VZErrorDomain"))
        #expect(exit.console.contains("Linux version") && files.left.isEmpty)
        await started.machine.stop()
        #expect(events.exits.withLock { $0.count } == 1)
    }

    @Test func aKernelThatPanickedIsNamed() async throws {
        let host = FakeHost()
        _ = try await boot(host)
        let path = try #require(host.plan.withLock { $0?.bootLog })
        let fd = open(path, O_WRONLY | O_APPEND)
        let text = Array("Kernel panic - not syncing: Attempted to kill init!\n".utf8)
        _ = write(fd, text, text.count)
        _ = close(fd)
        host.container.withLock { $0 }?.end(.failure(FakeHost.Refusal(step: .create)))
        #expect(try await events.exit().reason == .panic)
    }

    @Test func onlyTheAgentIsHeardOnThePort() async throws {
        let host = FakeHost()
        let started = try await boot(host)
        let listener = try #require(host.container.withLock { $0?.listener })
        let intruder = try listener.connect()
        var state = pollfd(fd: intruder, events: Int16(POLLIN), revents: 0)
        #expect(poll(&state, 1, 10_000) == 1 && state.revents & Int16(POLLHUP) != 0, "it is hung up on")
        _ = close(intruder)
        let program = try Program(["true"])
        let process = try await started.machine.start(program.spec, streams: program.streams)
        #expect(try await process.wait() == .code(0))
        await started.machine.stop()
    }
}
