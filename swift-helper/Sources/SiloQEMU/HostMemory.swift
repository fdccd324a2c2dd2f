import CSilo
import SiloIO

/// What was found out about this host, kept until it boots again: a small text file in the state directory.
/// Losing it costs one more look; so errors are not reported.
struct HostMemory {
    struct Finding: Equatable {
        var works: Bool
        var reason: String
    }

    private static let fileName = "host-findings"
    private static let limitBytes = 65_536

    /// nil: nothing is remembered.
    var directory: String?
    var boot: String

    /// With this boot's id (`/proc/sys/kernel/random/boot_id`).
    init(directory: String?) {
        self.init(directory: directory, boot: Self.read("/proc/sys/kernel/random/boot_id", limit: 64) ?? "")
    }

    init(directory: String?, boot: String) {
        self.directory = boot.isEmpty ? nil : directory
        self.boot = boot.filter { !$0.isWhitespace }
    }

    func recall(_ subject: String) -> Finding? {
        for line in lines {
            let fields = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, fields[0] == boot, fields[1] == subject else { continue }
            return Finding(works: fields[2] == "yes", reason: String(fields[3]))
        }
        return nil
    }

    func remember(_ subject: String, _ finding: Finding) {
        guard let directory else { return }
        let prefix = "\(boot)\t\(subject)\t"
        let others = lines.filter { $0.hasPrefix("\(boot)\t") && !$0.hasPrefix(prefix) }
        let reason = finding.reason.filter { $0 != "\n" && $0 != "\t" }
        let text = (others + ["\(prefix)\(finding.works ? "yes" : "no")\t\(reason)"]).joined(separator: "\n") + "\n"

        let temporary = "\(directory)/.\(Self.fileName).\(getpid())"
        let file = silo_open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { return }
        let isWhole = text.withCString { write(file, $0, strlen($0)) == strlen($0) }
        if close(file) != 0 || !isWhole || rename(temporary, "\(directory)/\(Self.fileName)") != 0 { unlink(temporary) }
    }

    private var lines: [Substring] {
        guard let directory, let text = Self.read("\(directory)/\(Self.fileName)", limit: Self.limitBytes) else {
            return []
        }
        return text.split(separator: "\n")
    }

    /// The first `limit` bytes of a file, or nil.
    static func read(_ path: String, limit: Int) -> String? {
        let file = silo_open(path, O_RDONLY, 0)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < limit {
            let count = SiloIO.read(file, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0 { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
