import SiloDriver
import SiloProtocol
import Synchronization

/// A driver whose machine boots when the test says so.
final class FakeDriver: MachineDriver, Sendable {
    private struct State {
        var boot: CheckedContinuation<Void, any Error>?
        var decided: Result<Void, HelperError>?
        var events: (any MachineEvents)?
        var machine = FakeMachine()
    }

    private let state = Mutex(State())

    var identity: DriverIdentity {
        DriverIdentity(platform: .linux, name: .qemu, capabilities: Capabilities(snapshots: false, shares: [.ninep]))
    }

    var machine: FakeMachine { state.withLock { $0.machine } }
    var events: (any MachineEvents)? { state.withLock { $0.events } }

    /// Lets the boot end.
    func finishBoot(_ result: Result<Void, HelperError> = .success(())) {
        let boot = state.withLock { state in
            state.decided = result
            defer { state.boot = nil }
            return state.boot
        }
        boot?.resume(with: result.mapError { $0 })
    }

    func probe(_ parameters: HostProbeParameters) async throws -> HostProbeResult {
        throw HelperError(.noHypervisor, "none here")
    }

    func createRootfs(
        _ parameters: RootfsParameters, progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> RootfsResult {
        progress(Progress(task: "rootfs/create", phase: "write"))
        return RootfsResult(bytesOnDisk: 1, milliseconds: 2)
    }

    func start(_ spec: MachineSpec, events: any MachineEvents) async throws -> StartedMachine {
        state.withLock { $0.events = events }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let decided = state.withLock { state in
                    if state.decided == nil { state.boot = continuation }
                    return state.decided
                }
                if let decided { continuation.resume(with: decided.mapError { $0 }) }
            }
        } onCancel: {
            finishBoot(.failure(HelperError(.machineGone, "cancelled")))
        }
        let report = MachineStarted(accelerator: .tcg, attempts: 1, kernel: "k", agent: "a", timings: [])
        return StartedMachine(machine: machine, report: report)
    }
}

final class FakeMachine: Machine, Sendable {
    private let log = Mutex<[String]>([])
    private let exits = Mutex<[UInt32: ProcessExit]>([:])

    var calls: [String] { log.withLock { $0 } }

    func record(_ call: String) { log.withLock { $0.append(call) } }

    func start(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any GuestProcess {
        defer { streams.close() }
        record("start \(process.process)")
        guard process.argv[0].text != "nope" else {
            throw HelperError.exec("cannot start `nope`", stage: .exec, errno: 2)
        }
        return FakeProcess(number: process.process, machine: self)
    }

    func openPort(_ port: UInt16, stream: UInt32) async throws { record("open \(port) as \(stream)") }

    func stop() async { record("stop") }
}

struct FakeProcess: GuestProcess {
    let number: UInt32
    let machine: FakeMachine

    var pid: Int32 { 100 + Int32(number) }

    func signal(_ signal: GuestSignal, scope: SignalScope) async throws {
        machine.record("signal \(number) \(signal.name) \(scope.rawValue)")
    }

    func resize(rows: UInt16, columns: UInt16) async throws { machine.record("resize \(number) \(rows)x\(columns)") }

    func wait() async throws -> ProcessExit { .code(UInt8(number)) }
}
