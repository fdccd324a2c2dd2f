import CSilo
import SiloIO
import SiloProtocol

/// Everything that starting QEMU takes, apart from its channels.
struct QEMULaunch {
    var spec: MachineSpec
    var command: [String]
    var accelerator: AcceleratorName
    var board: Board
    var jail: Jail?
    var emptyDirectory: String
    var kind = Kind.cold
    /// Of a clone: its translations of guest code are kept with the snapshot.
    var savesTranslations = false

    enum Kind {
        case cold
        /// Boots into the files of a snapshot that is being made, under the control of a socket.
        case template(Snapshot)
        case clone(Snapshot)

        var snapshot: Snapshot? { if case .clone(let snapshot) = self { snapshot } else { nil } }
        var isControlled: Bool { if case .cold = self { false } else { true } }
    }

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

    /// QEMU's ends of its channels; they stay the caller's.
    struct Channels {
        var agent: Int32
        var console: Int32
        var control: Int32?
        var standardError: Int32
        /// Where a clone's opens are asked about.
        var openTrap: Int32?
    }

    /// Starts QEMU; its pid, and what is to be said on its control socket right away.
    func spawn(_ channels: Channels) throws -> (pid: pid_t, commands: [String]) {
        let rootfs = try RootDisk.open(spec.rootfs)
        defer { _ = close(rootfs) }
        let scratch = try spec.scratch.map(createScratch)
        defer { if let scratch { _ = close(scratch) } }

        let state = try stateDescriptor()
        defer { if let state { _ = close(state) } }

        let translations = keptTranslations
        let saved = try translationsDescriptor()
        defer { if let saved { _ = close(saved) } }

        let descriptors = QEMUArguments.Descriptors(
            agent: channels.agent, console: channels.console, rootfs: rootfs, scratch: scratch,
            control: channels.control, state: state, translations: saved)
        let arguments = QEMUArguments(
            spec: spec, board: board, accelerator: accelerator, descriptors: descriptors,
            emptyDirectory: emptyDirectory, memory: memory, translations: translations)
        let words = command + arguments.list
        let process = HostProcess.Command(
            words: jail?.command(words, view: view(translations)) ?? words, standardError: channels.standardError,
            descriptors: descriptors.all, openTrap: channels.openTrap ?? -1)
        do {
            let pid = try HostProcess.spawn(process)
            return (pid, state.map { [QMPCommand.begin, QMPCommand.settings, QMPCommand.restore($0)] } ?? [])
        } catch {
            throw Self.cannotStart(error)
        }
    }

    private var memory: QEMUArguments.Memory {
        switch kind {
        case .cold: .own
        case .template(let snapshot): .template(file: snapshot.memory)
        case .clone(let snapshot): .clone(file: snapshot.memory)
        }
    }

    private func createScratch(_ scratch: MachineSpec.Scratch) throws -> Int32 {
        switch kind {
        case .cold: try ScratchDisk.create(scratch, copyOf: scratch.template)
        case .template(let snapshot): try ScratchDisk.create(scratch, copyOf: scratch.template, at: snapshot.scratch)
        case .clone(let snapshot): try ScratchDisk.create(scratch, copyOf: snapshot.scratch)
        }
    }

    private func stateDescriptor() throws -> Int32? {
        guard case .clone(let snapshot) = kind else { return nil }
        let state = silo_open(snapshot.state, O_RDONLY, 0)
        guard state >= 0 else {
            throw HelperError(.disk, SystemError("open \(snapshot.state)").description, errno: errno)
        }
        return state
    }

    /// Of the machine that makes them.
    private func translationsDescriptor() throws -> Int32? {
        guard savesTranslations, case .clone(let snapshot) = kind else { return nil }
        let file = silo_open(snapshot.translations, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else {
            throw HelperError(.disk, SystemError("create \(snapshot.translations)").description, errno: errno)
        }
        return file
    }

    /// A snapshot without translations is as good, and slower.
    private var keptTranslations: String? {
        guard !savesTranslations, case .clone(let snapshot) = kind, access(snapshot.translations, R_OK) == 0 else {
            return nil
        }
        return snapshot.translations
    }

    static func cannotStart(_ error: SystemError) -> HelperError {
        HelperError(
            .noHypervisor, error.description,
            hint: error.errno == ENOENT
                ? "install QEMU (Debian: apt install qemu-system-x86), or run `silo doctor`" : "run `silo doctor`",
            errno: error.errno)
    }

    private func view(_ translations: String?) -> Jail.View {
        let hidden = hiddenPaths
        return Jail.View(
            readable: [spec.kernel.path, spec.kernel.initrd, emptyDirectory] + readableMemory
                + [translations].compactMap { $0 }
                + spec.shares.filter(\.readOnly).map(\.hostPath),
            writable: spec.shares.filter { !$0.readOnly }.map(\.hostPath) + writableMemory,
            hiddenDirectories: hidden.filter(\.isDirectory).map(\.path),
            hiddenFiles: hidden.filter { !$0.isDirectory }.map(\.path),
            devices: accelerator == .kvm ? ["/dev/kvm"] : [])
    }

    private var writableMemory: [String] { if case .template(let file) = memory { [file] } else { [] } }
    private var readableMemory: [String] { if case .clone(let file) = memory { [file] } else { [] } }

    /// What of the shares is covered in the guest, as far as it is there: of the host's paths.
    private var hiddenPaths: [(path: String, isDirectory: Bool)] {
        (spec.guest.covered ?? []).compactMap { covered in
            let shares = spec.shares.filter { $0.files == nil && covered.hasPrefix($0.guestPath + "/") }
            guard let share = shares.max(by: { $0.guestPath.utf8.count < $1.guestPath.utf8.count }) else { return nil }
            let path = share.hostPath + covered.dropFirst(share.guestPath.count)
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            return (path, status.st_mode & S_IFMT == S_IFDIR)
        }
    }
}
