import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// Everything that a booted machine depends on, as text. Machines with the same key are the same until they are
/// configured.
struct SnapshotKey: Equatable {
    /// Goes up when what happens in a template before its snapshot changes.
    private static let version = 4

    let text: String

    /// The name of its snapshot.
    var name: String {
        var sum = Checksum()
        Array(text.utf8).withUnsafeBytes { sum.add($0) }
        return sum.text
    }

    /// Nil if there can be none: the root file system is written to, or a file that it depends on cannot be found.
    init?(_ launch: QEMULaunch) {
        let spec = launch.spec
        guard spec.rootfs.copy == nil else { return nil }
        guard let program = HostProcess.find(launch.command[0]), let snapshots = spec.linux?.snapshots else {
            return nil
        }
        var lines = ["version \(Self.version)", "qemu \(launch.command.joined(separator: " "))"]
        let files =
            [program, spec.kernel.path, spec.kernel.initrd, spec.rootfs.path]
            + (spec.scratch.map { [$0.template] } ?? [])
        for path in files {
            guard let stamp = FileStamp(path) else { return nil }
            lines.append("file \(path) \(stamp)")
        }
        lines += Self.arguments(launch).map { "argument \($0)" }
        if let scratch = spec.scratch { lines.append("scratch \(scratch.sizeMiB)") }
        if launch.accelerator == .kvm { lines += Self.processor() }
        lines += Self.base(BaseConfiguration(spec))
        if let warm = snapshots.warm {
            lines += warm.argv.map { "warm argument \($0.text)" } + warm.env.map { "warm variable \($0.text)" }
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// What a template is prepared with.
    private static func base(_ base: BaseConfiguration) -> [String] {
        var sum = Checksum()
        base.certificates.withUnsafeBytes { sum.add($0) }
        let user = base.user
        let texts = [base.hostname, user.name, user.home, user.shell].map { String(decoding: $0, as: UTF8.self) }
        return ["user \(user.uid) \(user.gid)", "network \(base.hasNetwork)", "certificates \(sum.text)"]
            + texts.map { "base \($0.debugDescription)" }
    }

    /// The command line without what differs from run to run: descriptors, and the host's side of the shares.
    private static func arguments(_ launch: QEMULaunch) -> [String] {
        var spec = launch.spec
        spec.shares = QEMUArguments.withoutContent(spec.shares, "/")
        return QEMUArguments(
            spec: spec, board: launch.board.rounded, accelerator: launch.accelerator,
            descriptors: .init(agent: 0, console: 0, rootfs: 0, scratch: spec.scratch == nil ? nil : 0),
            emptyDirectory: "/"
        ).list
    }

    /// With hardware virtualization the guest has the host's processor, and the state is in the host kernel's form.
    private static func processor() -> [String] {
        let cpuinfo = HostMemory.read("/proc/cpuinfo", limit: 16_384) ?? ""
        let first = cpuinfo.split(separator: "\n").prefix { !$0.isEmpty }.filter { line in
            ["vendor_id", "cpu family", "model", "stepping", "microcode", "flags"].contains { line.hasPrefix($0) }
        }
        return first.map { "processor \($0)" } + ["host \(HostMemory.read("/proc/version", limit: 1_024) ?? "")"]
    }
}
