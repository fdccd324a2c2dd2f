import CSilo
import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// Boots a template, has the guest prepare itself, and keeps the machine. On a thread of its own, which it blocks.
struct SnapshotMaker {
    /// A template gives way to everything else and may take its time.
    private static let bootLimitMs = 300_000
    private static let prepareLimitMs = 120_000
    private static let controlLimitMs = 60_000
    /// How long the tool's own start may take, milliseconds.
    private static let warmLimitMs: UInt32 = 60_000

    /// What the template boots with; its kind and its directory are chosen here.
    var launch: QEMULaunch
    var store: SnapshotStore
    var key: SnapshotKey
    /// Whether somebody asked for it, rather than a run having missed it.
    var isAskedFor = true

    /// `make` on a thread of its own, with which QEMU would end.
    func run() async throws -> SnapshotResult {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detach { continuation.resume(with: Result { try make() }) }
        }
    }

    /// Does nothing where the store says so.
    private func make() throws -> SnapshotResult {
        let started = Reactor.now()
        var made = false
        try store.make(key, isAskedFor: isAskedFor) { snapshot in
            let empty = "\(snapshot.directory)/empty"
            guard mkdir(empty, 0o500) == 0 else { throw Self.failure("make \(empty)") }
            try create(snapshot.memory, bytes: off_t(launch.spec.memoryMiB) << 20)
            try create(snapshot.state, bytes: 0)
            var template = launch
            template.kind = .template(snapshot)
            template.emptyDirectory = empty
            template.spec.shares = QEMUArguments.withoutContent(launch.spec.shares, empty)
            try fill(snapshot, template)
            train(snapshot, empty)
            rmdir(empty)
            made = true
        }
        return SnapshotResult(made: made, milliseconds: Int((Reactor.now() - started) / 1_000_000))
    }

    /// A snapshot without translations is as good, and slower.
    private func train(_ snapshot: Snapshot, _ empty: String) {
        let training = TranslationTraining(launch, of: snapshot, emptyDirectory: empty)
        guard TranslationTraining.isPossible(training.launch) else { return }
        do {
            try training.run()
        } catch {
            unlink(snapshot.translations)
            Array("silo-helper: no translations are kept: \(error)\n".utf8).withUnsafeBytes { _ = IO.write(2, $0) }
        }
    }

    private func fill(_ snapshot: Snapshot, _ template: QEMULaunch) throws {
        let reactor = try Reactor()
        let instance = try QEMUInstance(template, reactor: reactor)
        // The memory's file is whole when QEMU is gone.
        defer { instance.killAndWait() }
        try prepareGuest(instance, reactor)
        let control = QMPClient(instance.controlSocket, reactor: reactor)
        let limit = Self.controlLimitMs
        try control.greet(milliseconds: limit)
        try control.execute(QMPCommand.settings, milliseconds: limit)
        try control.execute(QMPCommand.stop, milliseconds: limit)
        let state = silo_open(snapshot.state, O_WRONLY, 0)
        guard state >= 0 else { throw Self.failure("open \(snapshot.state)") }
        defer { _ = close(state) }
        try control.execute(QMPCommand.takeState, passing: state, milliseconds: limit)
        try control.execute(QMPCommand.migrate, milliseconds: limit)
        try control.await(event: #""status": "completed""#, or: #""status": "failed""#, milliseconds: limit)
    }

    /// From HELLO to PREPARED. Afterwards nothing is on its way on the wire: a clone's end of it begins from nothing.
    private func prepareGuest(_ instance: QEMUInstance, _ reactor: Reactor) throws {
        var problem: String?
        var (hasHello, isPrepared) = (false, false)
        instance.onExit = { problem = "QEMU \($0)" }
        instance.port.onClosed = { problem = problem ?? "\($0)" }
        instance.port.onControl = { message in
            switch message {
            case .hello(WireLimits.version, _, _): hasHello = true
            case .prepared: isPrepared = true
            case .notice: break
            case .failed(let text): problem = ConsoleText.sanitized(text, limit: 1_000)
            default: problem = "control message \(message.kind) of a template"
            }
        }
        func wait(_ limitMs: Int, _ condition: () -> Bool) throws {
            let inTime = reactor.run(until: { condition() || problem != nil }, milliseconds: limitMs)
            guard inTime, problem == nil else {
                throw HelperError(
                    .guest, "the template did not come up: \(problem ?? "not within \(limitMs / 1_000) s")",
                    console: instance.console.tail)
            }
        }
        try wait(Self.bootLimitMs) { hasHello }
        instance.port.send(.prepare(preparation))
        try wait(Self.prepareLimitMs) { isPrepared }
    }

    private var preparation: Preparation {
        let warm = launch.spec.linux?.snapshots?.warm
        return Preparation(
            base: BaseConfiguration(launch.spec), arguments: warm?.argv.map(\.bytes) ?? [],
            environment: warm?.env.map(\.bytes) ?? [], limitMilliseconds: Self.warmLimitMs)
    }

    private func create(_ path: String, bytes: off_t) throws {
        let file = silo_open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw Self.failure("create \(path)") }
        defer { _ = close(file) }
        guard ftruncate(file, bytes) == 0 else { throw Self.failure("set the size of \(path)") }
    }

    private static func failure(_ action: String) -> HelperError {
        let error = SystemError(action)
        return HelperError(.disk, error.description, errno: error.errno)
    }
}
