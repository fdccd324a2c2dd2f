import CSilo
import CSiloHost
import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol

/// Makes a root file system with mke2fs. Needs no privilege: owners, modes and times come out of the archive.
struct RootfsCreator {
    private static let timeoutMs = 30 * 60 * 1_000

    var parameters: RootfsParameters

    func create(_ progress: @Sendable (Progress) -> Void) async throws -> RootfsResult {
        let started = Reactor.now()
        try check()
        progress(Progress(task: "rootfs/create", phase: "write"))
        let image = try UnnamedImage(output: parameters.output)
        defer { image.close() }
        try await runMke2fs(image)
        progress(Progress(task: "rootfs/create", phase: "sync"))
        let bytes = try image.publish()
        return RootfsResult(bytesOnDisk: bytes, milliseconds: Int((Reactor.now() - started) / 1_000_000))
    }

    private func check() throws {
        guard parameters.linux != nil else { throw HelperError.invalid("linux", "is missing: this is Linux") }
        var status = stat()
        guard stat(parameters.tar, &status) == 0, access(parameters.tar, R_OK) == 0 else {
            throw HelperError.invalid("tar", "cannot be read: \(parameters.tar): \(SystemError.text(of: errno))")
        }
        guard lstat(parameters.output, &status) != 0 else {
            throw HelperError.invalid("output", "exists: \(parameters.output)")
        }
        // An ext4 of less than this has no room for its own tables.
        guard parameters.sizeMiB >= 4 else { throw HelperError.invalid("sizeMiB", "is less than 4 MiB") }
    }

    private func runMke2fs(_ image: UnnamedImage) async throws {
        let command = HostProcess.Command(
            words: (parameters.linux?.mke2fs ?? []) + arguments(device: image.path), descriptors: [image.descriptor],
            environment: Self.environment)
        do {
            let result = try await HostProcess.run(command, milliseconds: Self.timeoutMs)
            guard result.exit == .code(0) else { throw failure(result.exit, result.errors) }
        } catch let error as SystemError {
            throw HelperError(
                .rootfs, error.description, hint: "mke2fs 1.47.1 or later is needed; run `silo doctor`",
                errno: error.errno)
        }
    }

    /// No configuration of the host's; names in the archive are UTF-8; the image's own time stamps are fixed.
    private static let environment = ["MKE2FS_CONFIG=/dev/null", "LC_ALL=C.UTF-8", "SOURCE_DATE_EPOCH=0"]

    /// What the guest's kernel knows and a read-only file system has a use for.
    private static let features = [
        "none", "dir_index", "dir_nlink", "ext_attr", "extent", "extra_isize", "filetype", "flex_bg", "huge_file",
        "large_file", "sparse_super", "64bit",
    ]

    /// No journal: the image is written once and then read only. Nothing of the moment in it: one archive gives one
    /// image.
    func arguments(device: String) -> [String] {
        [
            "-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256", "-i", "16384", "-m", "0", "-L", parameters.label,
            "-O", Self.features.joined(separator: ","),
            "-U", Self.uuid, "-E", "hash_seed=\(Self.uuid),root_owner=0:0,lazy_itable_init=1,nodiscard",
            "-d", parameters.tar, device, "\(parameters.sizeMiB)M",
        ]
    }

    /// Every image has it: only one of them is ever attached to a machine.
    private static let uuid = "51100000-0000-4000-8000-000000000001"

    private func failure(_ exit: HostExit, _ errors: [UInt8]) -> HelperError {
        let text = ConsoleText.sanitized(errors, limit: 2_000, keepEnd: true)
        // A size class of the configuration that there is none of.
        let lines = text.split(separator: "\n").filter { !$0.contains("fs_type") }.joined(separator: "; ")
        let isFull = text.contains("Could not allocate") || text.contains("No space left")
        return HelperError(
            .rootfs, "mke2fs \(exit): \(lines)",
            hint: isFull ? "the image's files do not fit into \(parameters.sizeMiB) MiB, or the disk is full" : nil)
    }
}

/// A file that has no name until it is whole, so that nothing half-written is ever found under the name.
private final class UnnamedImage: Sendable {
    let descriptor: Int32
    private let output: String
    /// Where the file system has no files without a name.
    private let temporary: String?

    init(output: String) throws {
        self.output = output
        let directory = output.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
        let unnamed = silo_linkable_file(directory.isEmpty ? "/" : directory)
        if unnamed >= 0 {
            (descriptor, temporary) = (unnamed, nil)
            return
        }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL else { throw Self.failure("create", output) }
        let path = "\(output).tmp-\(getpid())"
        let named = silo_open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard named >= 0 else { throw Self.failure("create", path) }
        (descriptor, temporary) = (named, path)
    }

    /// As a program that inherits the descriptor sees it.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Syncs it and gives it its name; how many bytes of disk it takes.
    func publish() throws -> Int {
        var status = stat()
        guard fchmod(descriptor, 0o444) == 0, fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else {
            throw Self.failure("write", output)
        }
        let result =
            if let temporary { silo_rename_exclusively(temporary, output) } else { silo_link_file(descriptor, output) }
        guard result == 0 else { throw Self.failure("name", output) }
        return Int(status.st_blocks) * 512
    }

    func close() {
        if let temporary { unlink(temporary) }
        _ = SiloIO.close(descriptor)
    }

    private static func failure(_ action: String, _ path: String) -> HelperError {
        let error = SystemError("\(action) \(path)")
        return HelperError(
            .disk, error.description,
            hint: error.errno == ENOSPC ? "free some space, or run `silo clean`" : nil, errno: error.errno)
    }
}
