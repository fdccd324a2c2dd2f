import SiloIO
import SiloWire
import Testing

@testable import SiloGuest

@Suite(.serialized) struct PipeToolTests {
    @Test(arguments: Fork.allCases) func outputErrorsAndExitCodeComeBackInOrder(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(agent.end(of: tool) == .code(3))
        #expect(tool.text == "out\n")
        #expect(tool.errors == Array("err\n".utf8))
        #expect(tool.ended == [tool.streams.stdout, tool.streams.stderr], "EXITED comes after the ends")
        guard case .started(tool.process, let pid)? = agent.messages.first else { throw Missing("STARTED") }
        #expect(pid > 1)
    }

    @Test(arguments: Fork.allCases) func aSignalThatKillsIsReportedAsOne(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["sh", "-c", "kill -TERM $$"])
        #expect(agent.end(of: tool) == .signal(15))
    }

    @Test(arguments: Fork.allCases) func inputReachesTheToolAndEnds(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["cat"])
        agent.send(String(repeating: "0123456789", count: 20_000), to: tool, end: true)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.output.count == 200_000)
    }

    @Test(arguments: Fork.allCases) func nullStdioReadsAsEmpty(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let stdio = StartRequest.Stdio(stdin: .null, stdout: .pipe, stderr: .null)
        let tool = try agent.start(["sh", "-c", "cat; echo lost >&2; echo done"], stdio: stdio)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text == "done\n")
    }

    @Test(arguments: Fork.allCases) func nothingButTheGivenEnvironmentAndDescriptorsIsThere(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(
            ["/bin/sh", "-c", "/usr/bin/env | grep -v -e ^PWD= -e ^_= -e ^SHLVL=; ls /proc/self/fd | wc -l; umask"],
            environment: ["A=1"])
        #expect(agent.end(of: tool) == .code(0))
        // 0, 1, 2 and the directory itself.
        #expect(tool.text == "A=1\n4\n0022\n")
    }

    @Test(
        arguments: [
            (["no-such-program"], "/", ControlMessage.StartStage.exec, ENOENT), (["/etc/passwd"], "/", .exec, EACCES),
            (["/tmp"], "/", .exec, EACCES), ([""], "/", .exec, ENOENT), (["sh"], "/no/such/directory", .chdir, ENOENT),
            (["/etc/passwd/x"], "/", .exec, ENOTDIR),
        ], Fork.allCases)
    func whatCannotBeStartedSaysWhy(
        _ what: ([String], String, ControlMessage.StartStage, Int32), _ fork: Fork
    ) throws {
        let agent = try AgentUnderTest(fork)
        let (arguments, directory, stage, code) = what
        let tool = try agent.start(arguments, directory: directory)
        #expect(agent.wait { !agent.messages.isEmpty })
        #expect(agent.messages == [.startFailed(process: tool.process, stage: stage, errno: code)])
        #expect(agent.host.multiplexer.openStreams == 0)
    }

    @Test(arguments: Fork.allCases) func scriptsWithoutAnInterpreterLineAreTheShells(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let path: Path = "/tmp/silo-guest-test-script"
        try Files.write(path, Array("echo script $1\n".utf8), replacing: true)
        Files.chmod(path, 0o755)
        defer { _ = path.withCString { unlink($0) } }
        let tool = try agent.start(["silo-guest-test-script", "x"], environment: ["PATH=/nowhere:/tmp"])
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text == "script x\n")
    }

    @Test(arguments: Fork.allCases) func childrenThatKeepThePipeOpenDoNotDelayTheEnd(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["sh", "-c", "sleep 20 & echo $!"])
        let before = Reactor.now()
        #expect(agent.end(of: tool) == .code(0))
        #expect(Reactor.now() - before < 10_000_000_000)
        if let pid = Int32(tool.text.dropLast()) { kill(pid, SIGKILL) }
    }

    @Test(arguments: Fork.allCases) func aToolThatClosesItsInputHasTheStreamReset(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["sh", "-c", "exec 0<&-; sleep 20"])
        #expect(agent.wait { !agent.host.multiplexer.isOpen(tool.streams.stdin) })
        agent.host.send(.signal(process: tool.process, number: 9, scope: .process))
        #expect(agent.end(of: tool) == .signal(9))
    }

    @Test(arguments: Fork.allCases) func aHostThatWantsNoMoreOutputBreaksThePipe(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["yes"])
        #expect(agent.wait { !tool.output.isEmpty })
        agent.host.multiplexer.reset(tool.streams.stdout, reason: ResetReason.closed)
        agent.host.flush()
        #expect(agent.end(of: tool) == .signal(13))
    }

    @Test(arguments: Fork.allCases) func aSignalBeforeTheToolIsThereWaitsForIt(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["sleep", "20"])
        agent.host.send(.signal(process: tool.process, number: 15, scope: .group))
        #expect(agent.end(of: tool) == .signal(15))
    }

    @Test(arguments: Fork.allCases) func aPipeOfOneToolIsNotHeldByAnother(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let first = try agent.start(["yes"])
        #expect(agent.wait { !first.output.isEmpty })
        let second = try agent.start(["sleep", "20"])
        #expect(agent.wait { agent.messages.count == 2 })
        agent.host.multiplexer.reset(first.streams.stdout, reason: ResetReason.closed)
        agent.host.flush()
        #expect(agent.end(of: first) == .signal(13))
        agent.host.send(.signal(process: second.process, number: 9, scope: .process))
        #expect(agent.end(of: second) == .signal(9))
    }

    @Test(arguments: Fork.allCases) func aSecondToolNeedsNoOtherThatWaits(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        for word in ["one", "two", "three"] {
            let tool = try agent.start(["sh", "-c", "cat; echo \(word)"])
            agent.send("in ", to: tool, end: true)
            #expect(agent.end(of: tool) == .code(0))
            #expect(tool.text == "in \(word)\n")
        }
    }

    @Test(arguments: Fork.allCases) func allThatTheKernelTakesReachesTheTool(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let arguments = (0..<10).map { _ in String(repeating: "x", count: 100_000) }
        let tool = try agent.start(["sh", "-c", "printf %s \"$*\" | wc -c", "sh"] + arguments)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text.contains("1000009"))
    }

    @Test func whoWaitsInVainEndsWithItsAgent() throws {
        let waiting = try WaitingTool(user: nil)
        let supervisor = waiting.supervisor
        #expect(kill(supervisor, 0) == 0)
        _ = consume waiting
        var status: Int32 = 0
        #expect(waitpid(supervisor, &status, 0) == supervisor)
    }

    @Test(arguments: Fork.allCases) func pingIsAnsweredAndAClosedWireEndsTheMachine(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        agent.host.send(.ping(7))
        #expect(agent.wait { agent.messages == [.pong(7)] })
        agent.host.send(.shutdown)
        #expect(agent.wait { agent.hasPoweredOff })
    }
}

struct Missing: Error {
    let what: String
    init(_ what: String) { self.what = what }
}
