import SiloIO
import SiloWire
import Testing

@testable import SiloGuest

@Suite(.serialized) struct TerminalToolTests {
    static let terminal = StartRequest.Stdio(stdin: .terminal, stdout: .terminal, stderr: .terminal)

    @Test(arguments: Fork.allCases) func allThreeAreTheControllingTerminalOfItsSize(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(
            ["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && stty size </dev/tty"], stdio: Self.terminal)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text == "24 80\r\n")
    }

    @Test(arguments: Fork.allCases) func aFullTerminalEchoesAndACookedOneDoesNot(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let full = try agent.start(["sh", "-c", "read x; echo got $x"], stdio: Self.terminal)
        agent.send("abc\n", to: full)
        #expect(agent.end(of: full) == .code(0))
        #expect(full.text == "abc\r\ngot abc\r\n")
        let cooked = try agent.start(["sh", "-c", "read x; echo got $x"], stdio: Self.terminal, mode: .cooked)
        agent.send("abc\n", to: cooked)
        #expect(agent.end(of: cooked) == .code(0))
        #expect(cooked.text == "got abc\n")
    }

    @Test(arguments: ["line\n", "no newline", ""], Fork.allCases)
    func theEndOfInputEndsAReaderAtAnyPlaceOfALine(_ text: String, _ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["cat"], stdio: .init(stdin: .terminal, stdout: .pipe, stderr: .pipe), mode: .cooked)
        agent.send(text, to: tool, end: true)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text == text)
    }

    @Test(arguments: Fork.allCases) func theEndOfInputReachesAToolThatSwitchesToSingleCharacters(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let script =
            "sleep 0.2; stty raw; dd bs=1 count=1 2>/dev/null | od -An -c; dd bs=1 count=1 2>/dev/null | od -An -c"
        let tool = try agent.start(["sh", "-c", script], stdio: Self.terminal, mode: .cooked)
        agent.send("\n", to: tool, end: true)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text.split(whereSeparator: \.isWhitespace) == ["\\n", "004"])
    }

    @Test(arguments: Fork.allCases) func controlCInterruptsAndControlZStopsUntilContinued(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        // A loop of commands would not do: a shell that is waiting for vfork(2) cannot be stopped.
        let script = "trap 'exit 9' INT; echo ready; read x"
        let tool = try agent.start(["sh", "-c", script], stdio: Self.terminal)
        #expect(agent.wait { tool.text.contains("ready") })
        agent.send("\u{1a}", to: tool)
        #expect(agent.wait { agent.messages.contains(.stopped(process: tool.process, signal: UInt8(SIGTSTP))) })
        agent.host.send(.signal(process: tool.process, number: UInt8(SIGCONT), scope: .group))
        agent.send("\u{3}", to: tool)
        #expect(agent.end(of: tool) == .code(9))
    }

    @Test(arguments: Fork.allCases) func aNewSizeReachesTheTool(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done"
        let tool = try agent.start(["sh", "-c", script], stdio: Self.terminal)
        #expect(agent.wait { tool.text.contains("ready") })
        agent.host.send(.resize(process: tool.process, rows: 50, columns: 132))
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text.hasSuffix("50 132\r\n"))
    }

    @Test(arguments: Fork.allCases) func theLastWordsArriveThoughTheToolIsGone(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        for _ in 0..<20 {
            let tool = try agent.start(["sh", "-c", "seq 1 2000"], stdio: Self.terminal)
            #expect(agent.end(of: tool) == .code(0))
            #expect(tool.text.hasSuffix("1999\r\n2000\r\n"))
        }
    }

    @Test(arguments: Fork.allCases) func aHostThatWantsNoMoreOutputHangsTheTerminalUp(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let tool = try agent.start(["sh", "-c", "echo ready; sleep 20"], stdio: Self.terminal)
        #expect(agent.wait { tool.text.contains("ready") })
        agent.host.multiplexer.reset(tool.streams.terminal, reason: ResetReason.closed)
        agent.host.flush()
        #expect(agent.end(of: tool) == .signal(1))
    }

    @Test(arguments: Fork.allCases) func onlySomeOfTheThreeMayBeTheTerminal(_ fork: Fork) throws {
        let agent = try AgentUnderTest(fork)
        let stdio = StartRequest.Stdio(stdin: .pipe, stdout: .pipe, stderr: .terminal)
        let tool = try agent.start(["sh", "-c", "test -t 2 && ! test -t 1 && cat"], stdio: stdio, mode: .cooked)
        agent.send("x", to: tool, end: true)
        #expect(agent.end(of: tool) == .code(0))
        #expect(tool.text == "x")
    }
}
