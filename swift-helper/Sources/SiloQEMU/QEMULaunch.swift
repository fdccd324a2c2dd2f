import CSilo
import SiloIO
import SiloProtocol

/// Everything that starting QEMU takes, apart from its channels.
struct QEMULaunch {
    var spec: MachineSpec
    var command: [String]
    var accelerator: AcceleratorName
    var jail: Jail?
    var emptyDirectory: String

    /// Refuses what cannot work, by the name of the parameter, before a VM is tried.
    static func check(_ spec: MachineSpec) throws {
        for (field, path) in [
            ("kernel.path", spec.kernel.path), ("kernel.initrd", spec.kernel.initrd), ("rootfs.path", spec.rootfs.path),
        ] where access(path, R_OK) != 0 {
            throw HelperError.invalid(field, "cannot be read: \(path): \(SystemError.text(of: errno))")
        }
        for (index, share) in spec.shares.enumerated() {
            var status = stat()
            guard stat(share.hostPath, &status) == 0 else {
                throw HelperError.invalid(
                    "shares[\(index)].hostPath", "cannot be read: \(share.hostPath): \(SystemError.text(of: errno))")
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw HelperError.invalid("shares[\(index)].hostPath", "is no directory: \(share.hostPath)")
            }
        }
    }

    /// Starts QEMU; the descriptors stay the caller's.
    func spawn(agent: Int32, console: Int32, standardError: Int32) throws -> pid_t {
        let rootfs = try RootDisk.open(spec.rootfs)
        defer { _ = close(rootfs) }
        let scratch = try spec.scratch.map(ScratchDisk.create)
        defer { if let scratch { _ = close(scratch) } }

        let arguments = QEMUArguments(
            spec: spec, architecture: .current, accelerator: accelerator,
            descriptors: .init(agent: agent, console: console, rootfs: rootfs, scratch: scratch),
            emptyDirectory: emptyDirectory)
        let words = command + arguments.list
        let process = HostProcess.Command(
            words: jail?.command(words, view: view) ?? words, standardError: standardError,
            descriptors: [agent, console, rootfs] + (scratch.map { [$0] } ?? []))
        do {
            return try HostProcess.spawn(process)
        } catch {
            throw Self.cannotStart(error)
        }
    }

    static func cannotStart(_ error: SystemError) -> HelperError {
        HelperError(
            .noHypervisor, error.description,
            hint: error.errno == ENOENT
                ? "install QEMU (Debian: apt install qemu-system-x86), or run `silo doctor`" : "run `silo doctor`",
            errno: error.errno)
    }

    private var view: Jail.View {
        Jail.View(
            readable: [spec.kernel.path, spec.kernel.initrd, emptyDirectory]
                + spec.shares.filter(\.readOnly).map(\.hostPath),
            writable: spec.shares.filter { !$0.readOnly }.map(\.hostPath),
            devices: accelerator == .kvm ? ["/dev/kvm"] : [])
    }
}
