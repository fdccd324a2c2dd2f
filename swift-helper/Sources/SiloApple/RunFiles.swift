import SiloIO
import SiloProtocol

/// The files of one run, all below its run directory, which silo removes also when everything else was killed.
struct RunFiles: Sendable {
    let directory: String
    /// The clone that the machine runs on: one that stays, or one of ours.
    let rootfs: String

    init(_ spec: MachineSpec) {
        directory = "\(spec.runDirectory)/vm"
        rootfs = spec.rootfs.copy?.path ?? "\(directory)/rootfs.ext4"
    }

    /// The writable layer, where it has a size of its own.
    var scratch: String { "\(directory)/scratch.ext4" }
    var bootLog: String { "\(directory)/boot.log" }
    /// Holds the agent and nothing else: a share of a single file would show its whole parent to the VM.
    var agentDirectory: String { "\(directory)/agent" }
    var agent: String { "\(agentDirectory)/silo-guest" }
    /// Holds the empty files that cover others.
    var coverDirectory: String { "\(directory)/covers" }
    func cover(_ index: Int) -> String { "\(coverDirectory)/\(index)" }

    /// Makes them; what an earlier try left is removed first.
    func make(_ spec: MachineSpec, agent source: String, covers: [Cover], host: any VirtualMachineHost) throws {
        remove()
        unlink(rootfs)
        try makeDirectory(directory)
        try makeDirectory(agentDirectory)
        try makeCovers(covers)
        try clone(spec.rootfs.path, to: rootfs, mode: 0o600, host)
        try clone(source, to: agent, mode: 0o555, host)
        if let size = spec.apple?.scratchMiB { try makeScratch(UInt64(size) << 20, host) }
    }

    /// What the framework's file systems have is all they will ever have: they are made with `sparse_super2`, which
    /// the kernel does not let grow. So the room that is asked for is a layer of its own, made anew.
    private func makeScratch(_ bytes: UInt64, _ host: any VirtualMachineHost) throws {
        do {
            try host.makeEmptyFileSystem(scratch, bytes: bytes)
        } catch {
            throw HelperError(.disk, "cannot make the writable layer \(scratch), \(bytes >> 20) MiB: \(error)")
        }
        guard chmod(scratch, 0o600) == 0 else { throw Self.failure("set the mode of \(scratch)") }
    }

    private func makeCovers(_ covers: [Cover]) throws {
        let numbers = covers.indices.filter { !covers[$0].isDirectory }
        guard !numbers.isEmpty else { return }
        try makeDirectory(coverDirectory)
        for number in numbers {
            let fd = open(cover(number), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard fd >= 0 else { throw Self.failure("create \(cover(number))") }
            _ = close(fd)
        }
    }

    /// Removes everything but a copy that stays.
    func remove() {
        if let names = Self.names(in: coverDirectory) { for name in names { unlink("\(coverDirectory)/\(name)") } }
        rmdir(coverDirectory)
        for path in ["\(directory)/rootfs.ext4", scratch, bootLog, agent] { unlink(path) }
        rmdir(agentDirectory)
        rmdir(directory)
    }

    private static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else { throw Self.failure("create \(path)") }
    }

    /// The clone has the mode of its source, and cached disks are read-only.
    private func clone(_ source: String, to path: String, mode: mode_t, _ host: any VirtualMachineHost) throws {
        do {
            try host.clone(source, to: path)
        } catch {
            throw HelperError(
                .disk, "cannot clone \(source) to \(path): \(error)",
                hint: "the silo home and the run directory must be on one APFS volume with free space")
        }
        guard chmod(path, mode) == 0 else { throw Self.failure("set the mode of \(path)") }
    }

    private static func failure(_ action: String) -> HelperError {
        let error = SystemError(action)
        return HelperError(.disk, error.description, errno: error.errno)
    }
}
