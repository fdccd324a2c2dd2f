import SiloDriver
import SiloIO
import SiloProtocol

/// The macOS driver, as far as it is not a call into Apple's frameworks.
public struct AppleDriver: MachineDriver {
    private let host: any VirtualMachineHost

    public init(host: any VirtualMachineHost) { self.host = host }

    /// The framework saves and restores no Linux containers, and shares directories by virtiofs.
    public var identity: DriverIdentity {
        DriverIdentity(
            platform: .macos, name: .apple, capabilities: Capabilities(snapshots: false, shares: [.virtiofs]))
    }

    public func probe(_ parameters: HostProbeParameters) async throws -> HostProbeResult {
        let facts = host.facts()
        let objection = Self.objection(facts)
        return HostProbeResult(
            accelerator: .apple,
            accelerators: [
                AcceleratorReport(
                    name: .apple, usable: objection == nil,
                    reason: objection?.message ?? "Virtualization.framework works with this program")
            ],
            hypervisor: Peer(name: "containerization", version: facts.libraryVersion),
            jail: [
                JailLayer(
                    layer: "virtualization service", active: true,
                    reason:
                        "the VM's devices run in a sandboxed process of macOS \(facts.systemVersion), not in silo-helper"
                )
            ])
    }

    /// Why no VM can be started, if so.
    static func objection(_ facts: HostFacts) -> HelperError? {
        let major = facts.systemVersion.split(separator: ".").first.flatMap { Int($0) } ?? 0
        guard major >= 26 else {
            return HelperError(
                .noHypervisor, "macOS 26 or newer is needed, this is \(facts.systemVersion)",
                hint: "update macOS: Apple menu, System Settings, General, Software Update")
        }
        guard facts.isSupported else {
            return HelperError(
                .noHypervisor, "this Mac cannot run VMs",
                hint: "a Mac with Apple silicon is needed, and none that is itself a VM")
        }
        guard facts.isEntitled else {
            return HelperError(
                .noHypervisor, "silo-helper is not signed with the entitlement com.apple.security.virtualization",
                hint: "reinstall silo; from a checkout, scripts/build signs it after every link")
        }
        return nil
    }

    /// Whole or absent: written beside, synced, named.
    public func createRootfs(
        _ parameters: RootfsParameters, progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> RootfsResult {
        let started = Reactor.now()
        var status = stat()
        guard stat(parameters.tar, &status) == 0, access(parameters.tar, R_OK) == 0 else {
            throw HelperError.invalid("tar", "cannot be read: \(parameters.tar): \(SystemError.text(of: errno))")
        }
        guard lstat(parameters.output, &status) != 0 else {
            throw HelperError.invalid("output", "exists: \(parameters.output)")
        }
        progress(Progress(task: "rootfs/create", phase: "write"))
        let temporary = "\(parameters.output).tmp-\(getpid())"
        unlink(temporary)
        defer { unlink(temporary) }
        do {
            try await host.makeFileSystem(
                archive: parameters.tar, output: temporary, bytes: UInt64(parameters.sizeMiB) << 20)
        } catch {
            throw HelperError(.rootfs, "cannot make a file system of \(parameters.tar): \(error)")
        }
        progress(Progress(task: "rootfs/create", phase: "sync"))
        let bytes = try Self.publish(temporary, as: parameters.output)
        return RootfsResult(bytesOnDisk: bytes, milliseconds: Int((Reactor.now() - started) / 1_000_000))
    }

    private static func publish(_ temporary: String, as output: String) throws -> Int {
        let descriptor = open(temporary, O_RDWR | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0 else { throw failure("open", temporary) }
        defer { _ = close(descriptor) }
        guard fchmod(descriptor, 0o444) == 0, fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else {
            throw failure("write", output)
        }
        // link(2) refuses to replace; rename(2) would not.
        guard link(temporary, output) == 0 else { throw failure("name", output) }
        return Int(status.st_blocks) * 512
    }

    private static func failure(_ action: String, _ path: String) -> HelperError {
        let error = SystemError("\(action) \(path)")
        return HelperError(
            .disk, error.description,
            hint: error.errno == ENOSPC ? "free some space, or run `silo clean`" : nil, errno: error.errno)
    }

    public func start(_ spec: MachineSpec, events: any MachineEvents) async throws -> StartedMachine {
        try SpecCheck.check(spec)
        if let objection = Self.objection(host.facts()) { throw objection }
        let machine = AppleMachine(spec: spec, host: host, events: events)
        return StartedMachine(machine: machine, report: try await machine.boot())
    }
}
