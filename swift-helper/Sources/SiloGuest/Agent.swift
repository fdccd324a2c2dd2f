import CSilo
import SiloIO
import SiloWire

/// Answers the helper's control messages. As init it also reaps whatever the tools leave behind.
public final class Agent {
    /// What HELLO says.
    public static let version = "0.1.0"

    private let reactor: Reactor
    private let port: WirePort
    private var processes: [UInt32: ToolProcess] = [:]
    private var machine: MachineSetup.Machine?
    /// What this machine was prepared with, before it became a snapshot.
    private var prepared: MachineSetup.Prepared?
    /// For the first tool, where this machine was prepared.
    private var waiting: WaitingTool?
    private var network: GuestNetwork?
    private var sshAgent: SSHAgentSocket?
    private var ports: PortConnections?
    private var listening: ListeningPorts?
    private var watchesPorts = false
    /// Nil for a real machine; in tests nothing is mounted and tools run with these.
    private let testLimits: ToolLimits?
    private let role: Role
    /// Ends the machine; called once.
    private let powerOff: () -> Void

    /// Who made the machine.
    public enum Role: Sendable {
        /// This agent, which is its init.
        case initProcess
        /// Another init, of which this agent is a child: the helper's messages and the tools are its only business.
        case bridge
    }

    /// `port` leads to the helper. Not `init`'s own business: `greet` begins the conversation.
    public convenience init(port: WirePort, role: Role = .initProcess, powerOff: @escaping () -> Void) {
        self.init(port: port, testLimits: nil, role: role, powerOff: powerOff)
    }

    init(port: WirePort, testLimits: ToolLimits?, role: Role = .initProcess, powerOff: @escaping () -> Void) {
        self.port = port
        self.role = role
        self.testLimits = testLimits
        self.powerOff = powerOff
        reactor = port.reactor
        port.onControl = { [unowned self] in handle($0) }
        port.onClosed = { [unowned self] end in
            Console.say("\(end)")
            self.powerOff()
        }
    }

    /// Sends HELLO.
    public func greet() {
        var release = [CChar](repeating: 0, count: 256)
        _ = silo_kernel_release(&release, release.count)
        let kernel = release.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        port.send(.hello(version: WireLimits.version, agent: Array(Agent.version.utf8), kernel: kernel))
    }

    /// Has every dead child reaped. Only for init: elsewhere children belong to other code, too.
    public func reapChildren() throws(SystemError) {
        let signals = [SIGCHLD]
        let fd = silo_signal_pipe(signals, 1)
        guard fd >= 0 else { throw SystemError("watch for dead children") }
        _ = reactor.watch(fd, .read) { _ in
            withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { _ = IO.read(fd, into: $0) }
            while waitpid(-1, nil, WNOHANG) > 0 {}
        }
    }

    private func handle(_ message: ControlMessage) {
        switch message {
        case .configure(let configuration): configure(configuration)
        case .start(let request): start(request)
        case .signal(let process, let number, let scope): processes[process]?.signal(Int32(number), scope)
        case .resize(let process, let rows, let columns): processes[process]?.resize(rows: rows, columns: columns)
        case .shutdown:
            machine?.shares.sync()
            powerOff()
        case .ping(let value): port.send(.pong(value))
        case .prepare(let preparation): prepare(preparation)
        case .clock(let nanoseconds): _ = silo_set_clock(nanoseconds)
        // The multiplexer lets no message of the other direction through.
        default: break
        }
    }

    private func configure(_ configuration: Configuration) {
        guard machine == nil else { return fail("the machine is configured already") }
        guard testLimits == nil else {
            acceptPorts(configuration)
            return port.send(.configured)
        }
        if let prepared {
            // Whoever restored this machine has heard nothing of it yet.
            greet()
            port.flushNow()
            guard prepared.base == configuration.base else {
                return fail("the machine was prepared for something else")
            }
        }
        do {
            machine =
                switch role {
                case .initProcess: try MachineSetup.apply(configuration, prepared)
                case .bridge: try MachineSetup.applyAsBridge(configuration)
                }
            try connect(configuration)
            port.send(.configured)
            if let notice = network?.notice { port.send(.notice(message: Array(notice.utf8))) }
        } catch {
            fail(error.description)
        }
    }

    private func prepare(_ preparation: Preparation) {
        guard case .initProcess = role, machine == nil, prepared == nil, testLimits == nil else {
            return fail("the machine is prepared already")
        }
        do {
            let prepared = try MachineSetup.prepare(preparation)
            try connectNetwork(preparation.base)
            // Before the rehearsal: the agent's memory is shared with them until it is written to.
            let user = preparation.base.user
            try forkAhead(for: Files.Owner(uid: user.uid, gid: user.gid))
            Rehearsal.run(preparation.base)
            self.prepared = prepared
            port.send(.prepared(warm: prepared.isWarm))
        } catch {
            fail(error.description)
        }
    }

    /// `user` as for `WaitingTool`.
    func forkAhead(for user: Files.Owner?) throws(SystemError) { waiting = try WaitingTool(user: user) }

    private func connectNetwork(_ base: BaseConfiguration) throws(SystemError) {
        silo_raise_open_files()
        if base.hasNetwork { network = try GuestNetwork(streams: StreamOpener(port: port)) }
    }

    /// What leads out of the machine and into it.
    private func connect(_ configuration: Configuration) throws(SystemError) {
        if prepared == nil { try connectNetwork(configuration.base) }
        if configuration.passesSSHAgent {
            let owner = Files.Owner(uid: configuration.base.user.uid, gid: configuration.base.user.gid)
            sshAgent = try SSHAgentSocket(streams: StreamOpener(port: port), owner: owner)
        }
        acceptPorts(configuration)
    }

    /// What leads into the machine.
    private func acceptPorts(_ configuration: Configuration) {
        let ports = PortConnections(port: port)
        self.ports = ports
        watchesPorts = configuration.watchesPorts
        port.onOpened = { [unowned self] id, kind, payload in
            guard case .port(let number) = try? StreamOpening(kind: kind, payload: payload, at: .guest) else {
                return defect("OPEN of kind \(kind)")
            }
            ports.open(id, number)
        }
    }

    private func fail(_ message: String) {
        Console.say(message)
        port.send(.failed(message: Array(message.utf8)))
    }

    private func start(_ request: StartRequest) {
        guard processes[request.process] == nil else { return defect("process \(request.process) is there already") }
        let process = ToolProcess(
            request, port: port, beforeExit: { [unowned self] in settle() },
            onGone: { [unowned self] supervisor in gone(request.process, supervisor) })
        processes[request.process] = process
        if watchesPorts, listening == nil { listening = ListeningPorts(port: port) }
        do {
            try process.start(machine?.limits ?? testLimits, waiting)
            waiting = nil
        } catch {
            defect("\(error)")
        }
    }

    /// A root that cannot be made whole must not be taken for one: without an end of the tool nobody will.
    private func settle() {
        do {
            try machine?.settle()
        } catch {
            fail("the root file system could not be closed: \(error.description)")
            powerOff()
        }
    }

    /// The helper is trusted and linked with the same code: there is nothing to go on from.
    private func defect(_ what: String) {
        Console.say("START: \(what)")
        powerOff()
    }

    private func gone(_ id: UInt32, _ supervisor: pid_t) {
        processes[id] = nil
        // Init reaps by SIGCHLD; as a guest of other code the agent waits for its own children only.
        if testLimits != nil, supervisor > 0 { waitpid(supervisor, nil, 0) }
    }
}
