import CSilo
import SiloIO
import SiloWire

@testable import SiloGuest

/// When the first tool's processes are forked.
enum Fork: CaseIterable { case atStart, ahead }

/// The agent as a part of the test program: nothing is mounted, tools run as the test's user. The test is the host.
final class AgentUnderTest {
    let reactor: Reactor
    let host: WirePort
    private let guest: WirePort
    private let agent: Agent
    private(set) var messages: [ControlMessage] = []
    private var nextProcess: UInt32 = 1
    private let powerFlag = Flag()

    init(_ fork: Fork = .atStart) throws {
        silo_ignore_sigpipe()
        let pair = try IO.socketPair()
        reactor = try Reactor()
        host = WirePort(fd: pair.0, multiplexer: Multiplexer(role: .host), reactor: reactor)
        guest = WirePort(fd: pair.1, multiplexer: Multiplexer(role: .guest), reactor: reactor)
        agent = Agent(port: guest, testLimits: ToolLimits()) { [powerFlag] in powerFlag.isSet = true }
        if fork == .ahead { try agent.forkAhead(for: nil) }
        host.onControl = { [unowned self] in messages.append($0) }
    }

    var hasPoweredOff: Bool { powerFlag.isSet }

    private final class Flag { var isSet = false }

    /// A started tool, as the host sees it.
    final class Tool: StreamHandler {
        let process: UInt32
        let streams: StartRequest.Streams
        var stream: StreamID { streams.stdout }
        fileprivate(set) var output: [UInt8] = []
        fileprivate(set) var errors: [UInt8] = []
        fileprivate(set) var ended: Set<StreamID> = []
        var text: String { String(decoding: output, as: UTF8.self) }

        fileprivate init(process: UInt32, streams: StartRequest.Streams) {
            self.process = process
            self.streams = streams
        }

        func wasReset(_ reason: UInt32) {}
    }

    func start(
        _ arguments: [String], environment: [String] = ["PATH=/usr/bin:/bin"], directory: String = "/",
        stdio: StartRequest.Stdio = .init(stdin: .pipe, stdout: .pipe, stderr: .pipe),
        mode: StartRequest.TerminalMode = .full
    ) throws -> Tool {
        var streams = StartRequest.Streams()
        if stdio.stdin != .null { streams.stdin = try host.multiplexer.openImplicit(.send) }
        if stdio.stdout == .pipe { streams.stdout = try host.multiplexer.openImplicit(.receive) }
        if stdio.stderr == .pipe { streams.stderr = try host.multiplexer.openImplicit(.receive) }
        if stdio.hasTerminal { streams.terminal = try host.multiplexer.openImplicit(.receive) }
        let tool = Tool(process: nextProcess, streams: streams)
        nextProcess += 1
        for id in [streams.stdout, streams.stderr, streams.terminal] where id != 0 {
            let isError = id == streams.stderr
            host.attach(
                Collector(id, host) { bytes in
                    if isError { tool.errors += bytes } else { tool.output += bytes }
                } onEnd: {
                    tool.ended.insert(id)
                }, to: id)
        }
        host.send(
            .start(
                StartRequest(
                    process: tool.process, arguments: arguments.map { Array($0.utf8) },
                    environment: environment.map { Array($0.utf8) }, workingDirectory: Array(directory.utf8),
                    uid: 0, gid: 0, stdio: stdio, streams: streams, rows: 24, columns: 80, terminalMode: mode)))
        return tool
    }

    /// Sends to a tool's stdin; the test keeps within the credit.
    func send(_ text: String, to tool: Tool, end: Bool = false) {
        let bytes = Array(text.utf8)
        let sent = bytes.withUnsafeBytes { host.multiplexer.sendData(tool.streams.stdin, $0) }
        precondition(sent == bytes.count)
        if end { host.multiplexer.sendEnd(tool.streams.stdin) }
        host.flush()
    }

    func wait(until condition: () -> Bool) -> Bool { reactor.run(until: condition, milliseconds: 20_000) }

    /// Waits for the end of a tool; nil if it does not come.
    func end(of tool: Tool) -> ControlMessage.ExitStatus? {
        var status: ControlMessage.ExitStatus?
        _ = wait {
            for case .exited(tool.process, let how) in messages { status = how }
            return status != nil
        }
        return status
    }

    private final class Collector: StreamHandler {
        let stream: StreamID
        private let port: WirePort
        private let take: ([UInt8]) -> Void
        private let onEnd: () -> Void

        init(_ stream: StreamID, _ port: WirePort, take: @escaping ([UInt8]) -> Void, onEnd: @escaping () -> Void) {
            self.stream = stream
            self.port = port
            self.take = take
            self.onEnd = onEnd
        }

        func received(_ bytes: UnsafeRawBufferPointer) {
            take(Array(bytes))
            port.multiplexer.consumed(stream, bytes.count)
        }
        func ended() { onEnd() }
        func wasReset(_ reason: UInt32) { onEnd() }
    }
}
