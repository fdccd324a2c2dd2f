import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// Under emulation most of a start is translating guest code, which each QEMU process does anew. silo's own QEMU can keep
/// what it translated (scripts/qemu): a machine out of a new snapshot does what every run begins with, and its
/// translations become a part of the snapshot.
struct TranslationTraining {
    /// For each step of it, milliseconds; it takes a second or two on a quiet host.
    private static let limitMs = 120_000

    /// Of the new snapshot's clone.
    let launch: QEMULaunch

    /// A clone of the snapshot that has a project, as runs have, also where the template was asked for without one. Nobody
    /// is there for what it might ask of a run, and there is nothing that it could write to.
    init(_ template: QEMULaunch, of snapshot: Snapshot, emptyDirectory empty: String) {
        var clone = template
        clone.kind = .clone(snapshot)
        clone.emptyDirectory = empty
        clone.savesTranslations = true
        (clone.spec.dataSocket, clone.spec.sshAgent, clone.spec.watchPorts) = ("\(empty)/none", false, false)
        if clone.spec.shares.isEmpty {
            let workspace = clone.spec.guest.workspace
            clone.spec.shares = [.init(tag: "project", hostPath: empty, guestPath: workspace, readOnly: true)]
        }
        clone.spec.shares = QEMUArguments.withoutContent(clone.spec.shares, empty)
        launch = clone
    }

    /// Whether this QEMU keeps translations: a file says so beside it.
    static func isPossible(_ launch: QEMULaunch) -> Bool {
        guard launch.accelerator == .tcg, launch.board.architecture == .x86, Architecture.current == .x86,
            launch.command.count == 1, let program = HostProcess.find(launch.command[0])
        else { return false }
        let prefix = program.split(separator: "/").dropLast(2).joined(separator: "/")
        return access("/\(prefix)/share/silo-qemu.json", R_OK) == 0
    }

    func run() throws {
        let reactor = try Reactor()
        let instance = try QEMUInstance(launch, reactor: reactor, restores: false)
        defer { instance.killAndWait() }
        let control = QMPClient(instance.controlSocket, reactor: reactor)
        try control.greet(milliseconds: Self.limitMs)
        let spec = launch.spec
        var outcome: BootAttempt.Outcome?
        let attempt = BootAttempt(
            instance, isRestored: true, reactor: reactor, timeoutMs: Self.limitMs,
            configuration: { Configuration(spec, shares: QEMUArguments.shares(spec)) }, onOutcome: { outcome = $0 })
        // The first says that commands follow, as the greeting did.
        for command in instance.commands.dropFirst() { try control.execute(command, milliseconds: Self.limitMs) }
        _ = reactor.run(until: { outcome != nil }, milliseconds: Self.limitMs)
        guard case .up? = outcome else { throw Self.failure(outcome?.failure ?? "it did not come up") }
        try withExtendedLifetime(attempt) { try use(instance, reactor) }
        try control.execute(QMPCommand.stop, milliseconds: Self.limitMs)
    }

    /// One program after another; one that the image does not have is none the worse.
    private func use(_ instance: QEMUInstance, _ reactor: Reactor) throws {
        var problem: String?
        instance.onExit = { problem = "QEMU \($0)" }
        let guest = RunningGuest(port: instance.port, spec: launch.spec, events: NoEvents()) { problem = $0 }
        defer { guest.close(HelperError(.machineGone, "the VM was stopped")) }
        guest.send(.clock(Configuration.now()))
        for program in programs {
            var ends: [Int32] = []
            defer { for end in ends { _ = close(end) } }
            let streams = try streams(of: program, &ends)
            var isOver = false
            guest.table.start(program, streams: streams) { started in
                if case .failure = started { isOver = true }
            }
            guest.table.wait(program.process) { _ in isOver = true }
            _ = reactor.run(until: { isOver || problem != nil }, milliseconds: Self.limitMs)
            guard isOver, problem == nil else { throw Self.failure(problem ?? "its program did not end") }
        }
    }

    /// The tool without a terminal and with one, and a program that starts another, whose file has to be read from the
    /// disk, and which looks at the project.
    private var programs: [ProcessSpec] {
        let warm = launch.spec.linux?.snapshots?.warm?.argv
        let others = ["/bin/sh", "-c", "ls -la . && true"].map { ByteString($0) }
        return [
            process(1, warm ?? others, onTerminal: false), process(2, warm ?? others, onTerminal: true),
            process(3, others, onTerminal: false),
        ]
    }

    private func process(_ number: UInt32, _ argv: [ByteString], onTerminal: Bool) -> ProcessSpec {
        let user = launch.spec.guest.user
        let kind: ProcessSpec.StreamKind = onTerminal ? .terminal : .pipe
        return ProcessSpec(
            process: number, argv: argv,
            env: launch.spec.linux?.snapshots?.warm?.env ?? [ByteString("PATH=/usr/local/bin:/usr/bin:/bin")],
            cwd: ByteString(launch.spec.guest.workspace),
            user: .init(uid: user.uid, gid: user.gid, groups: [user.gid]),
            stdio: .init(stdin: kind, stdout: kind, stderr: kind),
            terminal: onTerminal ? .init(rows: 24, columns: 80, mode: .full) : nil)
    }

    /// Its data connections; nobody reads what it prints.
    private func streams(of program: ProcessSpec, _ ends: inout [Int32]) throws -> ProcessStreams {
        var streams = ProcessStreams()
        for stream in ProcessStreams.needed(for: program.stdio) {
            let pair = try IO.socketPair()
            ends.append(pair.0)
            switch stream {
            case .stdin: streams.stdin = pair.1
            case .stdout: streams.stdout = pair.1
            case .stderr: streams.stderr = pair.1
            case .terminal: streams.terminal = pair.1
            }
        }
        return streams
    }

    private static func failure(_ why: String) -> HelperError {
        HelperError(.guest, "the snapshot's first machine failed: \(why)")
    }
}

private struct NoEvents: MachineEvents {
    func processStopped(_ process: UInt32, by signal: GuestSignal) {}
    func exited(_ exit: MachineExited) {}
    func progress(_ progress: Progress) {}
    func log(_ level: LogLine.Level, _ message: String) {}
}
