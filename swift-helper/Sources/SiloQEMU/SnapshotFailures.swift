import CSilo
import SiloIO

/// How often in a row a snapshot could not be made, and when last: the size and the time of its lock's file, so that what
/// a killed maker leaves is whole. A run that misses a snapshot has it tried again after one minute, then four, sixteen,
/// and so on to a day: what can never be made must not cost every run a second boot. Whoever asks for it by `silo install`,
/// `build` or `sync` does not wait.
struct SnapshotFailures {
    private static let firstPauseSeconds = 60
    private static let longestPauseSeconds = 24 * 3_600

    /// The lock's file, locked.
    var lock: Int32

    /// How long no run has it tried again, seconds, after so many failures in a row.
    static func pauseSeconds(after failures: Int) -> Int {
        guard failures > 0 else { return 0 }
        return min(firstPauseSeconds << (2 * min(failures - 1, 10)), longestPauseSeconds)
    }

    /// A clock that was set back ends the pause.
    func pauses(now: Int = time(nil)) -> Bool {
        var status = stat()
        guard fstat(lock, &status) == 0, status.st_size > 0 else { return false }
        let since = now - status.st_mtim.tv_sec
        return (0..<Self.pauseSeconds(after: Int(status.st_size))).contains(since)
    }

    func add() {
        var status = stat()
        guard fstat(lock, &status) == 0 else { return }
        _ = ftruncate(lock, status.st_size + 1)
    }

    func forget() { _ = ftruncate(lock, 0) }
}
