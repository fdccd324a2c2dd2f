import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// One VM from its files to its end. Whatever goes wrong, and wherever, what was made is undone in the reverse order.
actor AppleMachine: Machine {
    /// Of `machine/stop`, for the framework's part of it. A VM that takes longer goes with this process: it belongs to
    /// it, and silo ends it then.
    static let stopLimitMs = 1_700
    /// How long the end of the agent's program may tell more than its connection, which breaks first.
    private static let lastWordsMs = 500

    private let spec: MachineSpec
    private let host: any VirtualMachineHost
    private let events: any MachineEvents
    private let files: RunFiles
    private let bootLog: BootLog
    private var container: (any ContainerHandle)?
    private var listener: (any GuestListener)?
    private var channel: GuestChannel?
    private var agentEnd: String?
    private var isRunning = false
    private var ending: Task<Void, Never>?

    init(spec: MachineSpec, host: any VirtualMachineHost, events: any MachineEvents) {
        self.spec = spec
        self.host = host
        self.events = events
        files = RunFiles(spec)
        bootLog = BootLog(path: files.bootLog)
    }

    func boot() async throws -> MachineStarted {
        do {
            return try await bringUp()
        } catch {
            let log = bootLog.read()
            await end(HelperError(.machineGone, "the VM did not start"))
            throw explain(error, log)
        }
    }

    nonisolated func start(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any GuestProcess {
        guard let channel = await channel else {
            streams.close()
            throw HelperError(.machineGone, "the VM has ended")
        }
        return try await channel.start(process, streams: streams)
    }

    nonisolated func openPort(_ port: UInt16, stream: UInt32) async throws {
        guard let channel = await channel else { throw HelperError(.machineGone, "the VM has ended") }
        try await channel.openPort(port, stream: stream)
    }

    func stop() async { await end(HelperError(.machineGone, "the VM was stopped")) }

    // MARK: - Up

    private func bringUp() async throws -> MachineStarted {
        var timings: [MachineStarted.Timing] = []
        let deadline = Deadline(milliseconds: spec.boot.timeoutMs)
        var before = Reactor.now()
        func passed(_ phase: String) {
            let now = Reactor.now()
            timings.append(.init(phase: phase, milliseconds: Int((now - before) / 1_000_000)))
            before = now
        }
        events.progress(Progress(task: "machine/start", phase: "boot", done: 0, total: 1))
        guard let apple = spec.apple else { throw HelperError.invalid("apple", "is missing: this is macOS") }
        let covers = Cover.all(of: spec)
        try files.make(spec, agent: apple.agent, covers: covers, host: host)
        passed("clone")

        let plan = ContainerPlan(spec, files: files, covers: covers, id: Self.newID())
        let container = try host.makeContainer(plan)
        self.container = container
        try await deadline.run("boot") { try await container.create() }
        // Before anything runs in the guest: the first to connect can only be the agent.
        let listener = try await deadline.run("listen to") { try await container.listen(port: ContainerPlan.port) }
        self.listener = listener
        let (first, surplus) = Self.takeFirst(of: listener)
        defer { if channel == nil { surplus.cancel() } }
        try await deadline.run("start") { try await container.start() }
        passed("boot")

        let program = try await deadline.run("prepare the agent of") { [bootLog] in
            try await container.exec(
                "silo-guest", plan.agentArguments, capabilities: plan.agentCapabilities,
                output: { bootLog.append($0) })
        }
        try await deadline.run("start the agent of") { try await program.start() }
        Task { [weak self] in await self?.agentEnded(await Result { try await program.wait() }, first) }
        let fd = try await deadline.run("hear from the agent of") { try await first.value() }
        let ready = try await greet(fd, deadline)
        isRunning = true
        passed("configure")
        return MachineStarted(
            accelerator: .apple, attempts: 1, kernel: ready.kernel, agent: ready.agent, timings: timings)
    }

    private func greet(_ fd: Int32, _ deadline: Deadline) async throws -> GuestConversation.Ready {
        // Shares are mounted already; the agent is told so that it can write them back.
        let shares = spec.shares.map {
            Configuration.Share(tag: [], guestPath: Array($0.guestPath.utf8), readOnly: $0.readOnly)
        }
        let answer = Promise<GuestConversation.Ready>()
        let channel = try await GuestChannel.open(
            fd, spec: spec, configuration: Configuration(spec, shares: shares), events: events,
            ready: { answer.resolve($0.mapError { $0 as any Error }) },
            onEnd: { [weak self] reason, message in
                Task { [weak self] in await self?.channelEnded(reason, message) }
            })
        self.channel = channel
        return try await deadline.run("configure") { try await answer.value() }
    }

    /// The first connection; every further one is closed at once, since any program of the guest may dial.
    private static func takeFirst(of listener: any GuestListener) -> (Promise<Int32>, Task<Void, Never>) {
        let first = Promise<Int32>()
        let task = Task {
            for await fd in listener.connections where !first.resolve(.success(fd)) { _ = SiloIO.close(fd) }
            first.resolve(.failure(HelperError(.machineGone, "the VM ended before its agent was there")))
        }
        return (first, task)
    }

    /// At most 64 bytes of `[a-z0-9-]`; it becomes a path in the guest, and two runs never share it.
    private static func newID() -> String { "silo-" + String(UInt64.random(in: .min ... .max), radix: 16) }

    // MARK: - Down

    /// Undoes whatever there is, once; others who call it wait for the same end.
    private func end(_ error: HelperError) async {
        if let ending { return await ending.value }
        isRunning = false
        let task = Task {
            // The connection first: when the VM stops, its descriptors are dead, and the framework traps on them.
            await channel?.close(error)
            listener?.finish()
            if let container {
                _ = try? await Limited.run(milliseconds: Self.stopLimitMs) { try await container.stop() }
            }
            files.remove()
        }
        ending = task
        await task.value
        container = nil
        listener = nil
    }

    private func agentEnded(_ result: Result<Int32, any Error>, _ first: Promise<Int32>) async {
        switch result {
        case .success(let code): agentEnd = "its agent exited with \(code)"
        case .failure(let error): agentEnd = "\(error)"
        }
        first.resolve(.failure(HelperError(.guest, "the VM is of no use: \(agentEnd ?? "")")))
        await fail(.crashed, "the VM ended: \(agentEnd ?? "")")
    }

    /// The connection breaks before the framework knows that the VM is gone; what it says then tells more.
    private func channelEnded(_ reason: MachineExited.Reason, _ message: String) async {
        if reason == .lost { try? await Task.sleep(nanoseconds: UInt64(Self.lastWordsMs) * 1_000_000) }
        await fail(reason, message)
    }

    /// Ends the running machine and reports it once it is gone.
    private func fail(_ reason: MachineExited.Reason, _ message: String) async {
        guard isRunning, ending == nil else { return }
        let log = bootLog.read()
        let report = MachineExited(
            reason: log.sawPanic ? .panic : reason, message: log.sawPanic ? "the guest's kernel panicked" : message,
            console: log.tail)
        await end(HelperError(.machineGone, report.message, console: log.tail))
        events.exited(report)
    }

    private func explain(_ error: any Error, _ log: (tail: String, sawPanic: Bool)) -> any Error {
        let console = log.tail.isEmpty ? nil : log.tail
        switch error {
        case var known as HelperError:
            if known.console == nil { known.console = console }
            return known
        case let late as Deadline.Passed:
            let why = log.sawPanic ? "the guest's kernel panicked" : "it was not ready after \(spec.boot.timeoutMs) ms"
            return HelperError(
                .bootTimeout, "cannot \(late.doing) the VM: \(why)", hint: "run `silo doctor`", console: console)
        case is CancellationError: return HelperError(.machineGone, "the VM was stopped")
        case let failed as Deadline.Failed:
            return HelperError(
                .noHypervisor, "cannot \(failed.doing) the VM: \(failed.error)", hint: "run `silo doctor`",
                console: console)
        default:
            return HelperError(.noHypervisor, "cannot put the VM together: \(error)", hint: "run `silo doctor`")
        }
    }
}
