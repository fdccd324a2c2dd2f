import SiloIO
import SiloMachine
import Synchronization

/// What the guest's console said, which the framework writes to a file, and what the agent printed.
final class BootLog: Sendable {
    private let path: String
    private let agent = Mutex(ConsoleLog())

    init(path: String) { self.path = path }

    /// Takes what the agent prints; from any thread.
    func append(_ bytes: [UInt8]) {
        agent.withLock { log in bytes.withUnsafeBytes { log.append($0) } }
    }

    /// The end of both, fit to be shown on a terminal, and whether the kernel said that it panicked.
    func read() -> (tail: String, sawPanic: Bool) {
        var log = ConsoleLog()
        if let bytes = lastBytes() { bytes.withUnsafeBytes { log.append($0) } }
        let words = agent.withLock { $0.tail }
        Array(words.utf8).withUnsafeBytes { log.append($0) }
        return (log.tail, log.sawPanic)
    }

    private func lastBytes() -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ConsoleLog.capacityBytes)
        let count = pread(descriptor, &bytes, bytes.count, max(0, size - off_t(bytes.count)))
        return count > 0 ? Array(bytes[..<count]) : nil
    }
}
