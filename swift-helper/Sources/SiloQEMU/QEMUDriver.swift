import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol

/// The Linux driver.
public struct QEMUDriver: MachineDriver {
    /// The snapshot that the machine of this helper did not find.
    private let missing = MissingSnapshot()

    public init() {}

    public var identity: DriverIdentity {
        DriverIdentity(platform: .linux, name: .qemu, capabilities: Capabilities(snapshots: true, shares: [.ninep]))
    }

    public func probe(_ parameters: HostProbeParameters) async throws -> HostProbeResult {
        let command = parameters.linux?.qemu ?? [Self.defaultQEMU]
        let memory = HostMemory(directory: parameters.linux?.stateDirectory)
        let version = try await Self.version(of: command)
        let kvm = AcceleratorProbe(architecture: .current, memory: memory).kvm()
        let jail = await JailProbe.find(qemu: command, memory: memory)
        return HostProbeResult(
            accelerator: kvm.usable ? .kvm : .tcg, accelerators: [kvm, AcceleratorProbe.tcg],
            hypervisor: Peer(name: "qemu", version: version),
            jail: [
                JailLayer(
                    layer: "seccomp", active: true, reason: "QEMU starts no program and gains no right (-sandbox)"),
                jail.layer,
            ])
    }

    public func createRootfs(
        _ parameters: RootfsParameters, progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> RootfsResult {
        try await RootfsCreator(parameters: parameters).create(progress)
    }

    public func start(_ spec: MachineSpec, events: any MachineEvents) async throws -> StartedMachine {
        guard let linux = spec.linux else { throw HelperError.invalid("linux", "is missing: this is Linux") }
        try QEMULaunch.check(spec)
        let memory = HostMemory(directory: linux.stateDirectory)
        let probe = AcceleratorProbe(architecture: .current, memory: memory)
        let accelerator = try Self.choose(linux.accelerator, probe)
        let board = Board.choose(.init(emulatedBy: linux.qemu), accelerator, memory)
        let jail = await JailProbe.find(qemu: linux.qemu, memory: memory).jail
        let machine = try await QEMUMachine.make(
            MachineCore.Setup(
                spec: spec, command: linux.qemu, jail: jail, probe: probe, accelerator: accelerator,
                board: board,
                emptyDirectory: try Self.makeEmptyDirectory(in: spec.runDirectory),
                snapshots: linux.snapshots.map { SnapshotStore(directory: $0.directory) }),
            events: events)
        let report = try await machine.boot()
        if linux.snapshots != nil, spec.rootfs.copy == nil, !report.isRestored { missing.spec = spec }
        return StartedMachine(machine: machine, report: report)
    }

    public func createSnapshot(_ spec: MachineSpec) async throws -> SnapshotResult {
        try await createSnapshot(spec, isAskedFor: true)
    }

    /// - Parameter isAskedFor: whether failures of before count for nothing.
    func createSnapshot(_ spec: MachineSpec, isAskedFor: Bool) async throws -> SnapshotResult {
        guard let linux = spec.linux, let snapshots = linux.snapshots else {
            throw HelperError.invalid("linux.snapshots", "is missing")
        }
        try QEMULaunch.check(spec)
        let memory = HostMemory(directory: linux.stateDirectory)
        let accelerator = try Self.choose(linux.accelerator, .init(architecture: .current, memory: memory))
        let launch = QEMULaunch(
            spec: spec, command: linux.qemu, accelerator: accelerator,
            board: .choose(.init(emulatedBy: linux.qemu), accelerator, memory),
            jail: await JailProbe.find(qemu: linux.qemu, memory: memory).jail, emptyDirectory: "")
        guard let key = SnapshotKey(launch) else {
            throw HelperError(.noHypervisor, "cannot find \(linux.qemu[0])", hint: "run `silo doctor`")
        }
        let store = SnapshotStore(directory: snapshots.directory)
        return try await SnapshotMaker(launch: launch, store: store, key: key, isAskedFor: isAskedFor).run()
    }

    /// Has the snapshot made that a run of this helper went without, by a process of its own that gives way to
    /// everything else. For the helper's end: the run is over, and nobody waits.
    public func makeMissingSnapshot() { missing.make() }

    private static var defaultQEMU: String {
        Architecture.current == .x86 ? "qemu-system-x86_64" : "qemu-system-aarch64"
    }

    private static func choose(
        _ choice: MachineSpec.AcceleratorChoice, _ probe: AcceleratorProbe
    ) throws -> AcceleratorName {
        switch choice {
        case .tcg: return .tcg
        case .auto: return probe.kvm().usable ? .kvm : .tcg
        case .kvm:
            let report = probe.kvm()
            guard report.usable else {
                throw HelperError(
                    .noHypervisor, "KVM was asked for and cannot be used: \(report.reason)",
                    hint: "leave the choice to silo: accelerator = \"auto\"")
            }
            return .kvm
        }
    }

    private static func makeEmptyDirectory(in runDirectory: String) throws -> String {
        let path = "\(runDirectory)/empty"
        guard mkdir(path, 0o500) == 0 || errno == EEXIST else {
            let error = SystemError("create \(path)")
            throw HelperError(.disk, error.description, errno: error.errno)
        }
        return path
    }

    /// `QEMU emulator version 7.2.22 (Debian …)` → `7.2.22`.
    private static func version(of command: [String]) async throws -> String {
        do {
            let result = try await HostProcess.run(.init(words: command + ["--version"]), milliseconds: 5_000)
            guard result.exit == .code(0) else {
                let text = ConsoleText.sanitized(result.errors, limit: 500)
                throw HelperError(.noHypervisor, "\(command[0]) \(result.exit): \(text)", hint: "reinstall QEMU")
            }
            let words = ConsoleText.sanitized(result.output, limit: 200).split(whereSeparator: \.isWhitespace)
            return words.drop { $0 != "version" }.dropFirst().first.map(String.init) ?? "unknown"
        } catch let error as SystemError {
            throw QEMULaunch.cannotStart(error)
        }
    }
}
