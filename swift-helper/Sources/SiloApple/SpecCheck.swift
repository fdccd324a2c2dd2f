import SiloDriver
import SiloIO
import SiloProtocol

/// Refuses what cannot work, by the name of the parameter, before anything is made.
enum SpecCheck {
    static func check(_ spec: MachineSpec) throws {
        guard let apple = spec.apple else { throw HelperError.invalid("apple", "is missing: this is macOS") }
        for (field, path) in [
            ("kernel.path", spec.kernel.path), ("kernel.initrd", spec.kernel.initrd), ("rootfs.path", spec.rootfs.path),
            ("apple.agent", apple.agent),
        ] where access(path, R_OK) != 0 {
            throw HelperError.invalid(field, "cannot be read: \(path): \(SystemError.text(of: errno))")
        }
        try checkShares(spec.shares)
    }

    /// The framework has one share for each directory, by its resolved path: of two that differ the last one would
    /// count for both, and a read-only share would be writable. Of a directory whose files are shared one by one it
    /// forgets the share as a whole.
    private static func checkShares(_ shares: [MachineSpec.Share]) throws {
        var seen: [String: (readOnly: Bool, hasFiles: Bool, tag: String)] = [:]
        for (index, share) in shares.enumerated() {
            let field = "shares[\(index)].hostPath"
            var status = stat()
            guard stat(share.hostPath, &status) == 0, let resolved = realpath(share.hostPath, nil) else {
                throw HelperError.invalid(field, "cannot be read: \(share.hostPath): \(SystemError.text(of: errno))")
            }
            defer { free(resolved) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw HelperError.invalid(field, "is no directory: \(share.hostPath)")
            }
            let path = String(cString: resolved)
            if let other = seen[path], other.readOnly != share.readOnly {
                throw HelperError.invalid(
                    "shares[\(index)].readOnly",
                    "differs from the one of \"\(other.tag)\", which shares the same directory: "
                        + "on macOS a directory is shared in one way only")
            }
            if let other = seen[path], other.hasFiles || share.files != nil {
                throw HelperError.invalid(
                    field,
                    "is also the directory of \"\(other.tag)\": "
                        + "on macOS a directory is shared as a whole or by its files")
            }
            seen[path] = (share.readOnly, share.files != nil, share.tag)
        }
    }
}
