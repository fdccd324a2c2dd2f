import SiloIO
import SiloMachine
import SiloProtocol

/// bubblewrap around QEMU: whoever breaks out of the VM into QEMU sees the shares and images of this run, QEMU's own
/// files, no network, no other process.
struct Jail {
    struct View: Equatable {
        /// Files and directories that may be read.
        var readable: [String] = []
        /// Directories that may be written.
        var writable: [String] = []
        /// Directories and files in those above that are not to be seen: what hides them in the guest is the guest's
        /// own, and its root could take it away.
        var hiddenDirectories: [String] = []
        var hiddenFiles: [String] = []
        /// Device files.
        var devices: [String] = []
    }

    var bubblewrap: String
    var isRoot: Bool

    /// Where programs and libraries live. Those that are links into /usr are bound as what they point to.
    private static let systemDirectories = ["/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/gnu/store"]
    /// What QEMU's 9p server needs to give files to any user, when the person who runs silo is root. As anyone else QEMU
    /// has no capabilities. Without CAP_MKNOD: a device node that the guest makes on a share would be the host's device.
    private static let rootCapabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID"]

    /// The command that runs `words` with this view. Inherited descriptors stay open.
    func command(_ words: [String], view: View) -> [String] {
        var list = [bubblewrap, "--die-with-parent", "--new-session"] + namespaces
        list += ["--ro-bind", "/usr", "/usr"]
        for directory in Self.systemDirectories { list += ["--ro-bind-try", directory, directory] }
        list += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        // QEMU's 9p server changes modes through /proc/self/fd.
        list += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
        for device in view.devices { list += ["--dev-bind", device, device] }
        list += binds(Self.ownFiles(of: words), view)
        return list + ["--chdir", "/", "--"] + words
    }

    /// A user namespace would show root's shares with every other owner as nobody, so root goes without one and keeps
    /// the few capabilities that file ownership takes.
    private var namespaces: [String] {
        guard isRoot else { return ["--unshare-all"] }
        return ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
            + ["--cap-drop", "ALL"] + Self.rootCapabilities.flatMap { ["--cap-add", $0] }
    }

    /// Outer directories first, so that an inner one's own rule stands; a writable one over a readable one.
    private func binds(_ own: [String], _ view: View) -> [String] {
        let rules =
            own.map { (path: $0, flag: "--ro-bind-try") } + view.readable.map { (path: $0, flag: "--ro-bind") }
            + view.writable.map { (path: $0, flag: "--bind") }
            + view.hiddenDirectories.map { (path: $0, flag: "--tmpfs") }
            + view.hiddenFiles.map { (path: $0, flag: "--ro-bind") }
        return rules.enumerated()
            .sorted { ($0.element.path.utf8.count, $0.offset) < ($1.element.path.utf8.count, $1.offset) }
            .flatMap { rule -> [String] in
                let (path, flag) = rule.element
                if flag == "--tmpfs" { return [flag, path] }
                return [flag, view.hiddenFiles.contains(path) ? "/dev/null" : path, path]
            }
            + view.hiddenDirectories.flatMap { ["--remount-ro", $0] }
    }

    /// Where a command that is not the system's has its files: what its words name, and of `PREFIX/bin/program` the
    /// directories of programs, libraries and data. Not all of `PREFIX`: it may be the home directory.
    private static func ownFiles(of words: [String]) -> [String] {
        var paths: [String] = []
        for word in words.prefix(while: { !$0.hasPrefix("-") || $0 == "--library-path" }) where word.hasPrefix("/") {
            for path in word.split(separator: ":").map(String.init) where !isSystem(path) {
                let parts = path.split(separator: "/")
                guard parts.count > 2, ["bin", "sbin"].contains(parts[parts.count - 2]) else {
                    paths.append(path)
                    continue
                }
                let prefix = "/" + parts.dropLast(2).joined(separator: "/")
                paths += ["bin", "sbin", "lib", "lib64", "libexec", "share"].map { "\(prefix)/\($0)" }
            }
        }
        return paths
    }

    private static func isSystem(_ path: String) -> Bool {
        (["/usr"] + systemDirectories).contains { path == $0 || path.hasPrefix($0 + "/") }
    }
}

/// Whether this host lets bubblewrap work.
enum JailProbe {
    /// The jail, or nil and why not. Tried once per boot of the host.
    static func find(qemu: [String], memory: HostMemory) async -> (jail: Jail?, layer: JailLayer) {
        guard let bubblewrap = HostProcess.find("bwrap", before: ["/usr/bin", "/bin"]) else {
            return (nil, JailLayer(layer: "bubblewrap", active: false, reason: "bwrap is not installed"))
        }
        let jail = Jail(bubblewrap: bubblewrap, isRoot: geteuid() == 0)
        let subject = "jail \(geteuid()) \(bubblewrap) \(qemu.joined(separator: " "))"
        let finding: HostMemory.Finding
        if let known = memory.recall(subject) {
            finding = known
        } else {
            finding = await attempt(jail, qemu)
            memory.remember(subject, finding)
        }
        return (
            finding.works ? jail : nil,
            JailLayer(layer: "bubblewrap", active: finding.works, reason: finding.reason)
        )
    }

    private static func attempt(_ jail: Jail, _ qemu: [String]) async -> HostMemory.Finding {
        do {
            let words = jail.command(qemu + ["--version"], view: Jail.View())
            let result = try await HostProcess.run(.init(words: words), milliseconds: 5_000)
            if result.exit == .code(0) {
                return .init(works: true, reason: "QEMU sees only the shares and images of its run, and no network")
            }
            let text = ConsoleText.sanitized(result.errors, limit: 300, keepEnd: true)
            let line = text.split(separator: "\n").last.map(String.init) ?? "bwrap \(result.exit)"
            return .init(works: false, reason: "does not work here: \(line)")
        } catch {
            return .init(works: false, reason: "does not work here: \(error)")
        }
    }
}
