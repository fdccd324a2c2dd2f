import SiloIO
import SiloWire

/// What the agent does in every run, done once before the snapshot. Nothing of it stays but what Swift's runtime builds
/// when code runs for the first time, which takes an emulated processor longer than the work itself.
enum Rehearsal {
    private static let limitMilliseconds = 20_000
    /// The agent's own program, which says a line and ends.
    private static let program = Array("/proc/self/exe".utf8)

    /// A rehearsal that goes wrong costs the next machines some milliseconds, and nothing else.
    static func run(_ base: BaseConfiguration) {
        ShareMounts.rehearse(base.user)
        try? converse(base)
    }

    /// From CONFIGURE to EXITED, with an agent of its own whose host is here, too.
    private static func converse(_ base: BaseConfiguration) throws {
        let reactor = try Reactor()
        let ends = try IO.socketPair()
        defer { for fd in [ends.0, ends.1] { close(fd) } }
        let host = WirePort(fd: ends.0, multiplexer: Multiplexer(role: .host), reactor: reactor)
        let guest = WirePort(fd: ends.1, multiplexer: Multiplexer(role: .guest), reactor: reactor)
        let agent = Agent(port: guest, testLimits: ToolLimits()) {}
        try agent.forkAhead(for: nil)
        defer { for port in [host, guest] { port.close() } }
        var isOver = false
        host.onControl = { message in
            switch message {
            case .exited, .startFailed, .failed: isOver = true
            default: break
            }
        }
        host.send(.configure(configuration(base)))
        host.send(.start(try request(host.multiplexer)))
        withExtendedLifetime(agent) {
            _ = reactor.run(until: { isOver || host.isClosed }, milliseconds: limitMilliseconds)
        }
    }

    private static func configuration(_ base: BaseConfiguration) -> Configuration {
        let share = Configuration.Share(tag: Array("share0".utf8), guestPath: Array("/workspace".utf8), readOnly: false)
        return Configuration(
            base: base, clockNanoseconds: 0, entropy: [UInt8](repeating: 0, count: 256),
            machineID: [UInt8](repeating: 0, count: 16), shares: [share])
    }

    private static func request(_ multiplexer: Multiplexer) throws(WireError) -> StartRequest {
        let streams = StartRequest.Streams(
            stdin: try multiplexer.openImplicit(.send), stdout: try multiplexer.openImplicit(.receive),
            stderr: try multiplexer.openImplicit(.receive))
        return StartRequest(
            process: 1, arguments: [program], environment: [Array("PATH=/bin".utf8)],
            workingDirectory: Array("/".utf8), uid: 0, gid: 0, groups: [0],
            stdio: .init(stdin: .pipe, stdout: .pipe, stderr: .pipe), streams: streams, rows: 24, columns: 80,
            terminalMode: .full)
    }
}
