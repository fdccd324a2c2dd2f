import CSilo
import SiloIO

/// Loads the kernel modules that the initramfs brings: `order` names their files, one a line, dependencies first.
enum KernelModules {
    static let directory: Path = "/lib/modules/silo"

    /// A module that is missing or does not load is an error: what needs it would fail later, and less clearly.
    /// Without an `order` file everything is built into the kernel.
    static func load() throws(SystemError) {
        guard let order = Files.read(directory / "order") else { return }
        for name in order.split(separator: UInt8(ascii: "\n")) where !name.isEmpty {
            try load(directory / Array(name))
        }
    }

    private static func load(_ path: Path) throws(SystemError) {
        let fd = path.withCString { silo_open($0, O_RDONLY, 0) }
        guard fd >= 0 else { throw SystemError("open the kernel module \(path)") }
        defer { close(fd) }
        guard silo_load_module(fd) != 0 else { return }
        let code = errno
        // EEXIST: built in, or listed twice. ENODEV: an accelerated variant that this processor does not have.
        guard code == EEXIST || code == ENODEV else {
            throw SystemError("load the kernel module \(path)", errno: code)
        }
    }

    /// Gives the memory back that the files take; they are not needed again.
    static func removeFiles() {
        for name in Files.names(in: directory) { _ = (directory / name).withCString { unlink($0) } }
        _ = ("/init" as Path).withCString { unlink($0) }
    }
}
