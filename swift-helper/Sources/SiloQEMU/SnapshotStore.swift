import CSilo
import SiloIO
import SiloProtocol

/// A booted machine on the disk.
struct Snapshot: Sendable, Equatable {
    var directory: String
    /// The guest's memory, as large as the machine's and as sparse as it left it.
    var memory: String { "\(directory)/memory" }
    /// The state of its devices.
    var state: String { "\(directory)/state" }
    /// The writable layer's disk as the guest left it: what is mounted in memory is of this disk. Machines without a
    /// scratch disk have none.
    var scratch: String { "\(directory)/scratch" }
    /// What QEMU made of the guest's code in a run, for the next ones; not there if this QEMU keeps none.
    var translations: String { "\(directory)/translations" }
    var manifest: String { "\(directory)/manifest" }
}

/// The snapshots of one silo home: a directory each, named by its key, which appears when it is whole and is never
/// changed. Whoever takes one away renames it first; machines that run from it keep its files until they end.
struct SnapshotStore {
    private static let manifestLimitBytes = 1 << 20

    var directory: String

    private func path(_ key: SnapshotKey) -> String { "\(directory)/\(key.name)" }

    /// The snapshot of that key, if it is there and as it was when it was made.
    func find(_ key: SnapshotKey) -> Snapshot? {
        let snapshot = Snapshot(directory: path(key))
        guard let manifest = HostMemory.read(snapshot.manifest, limit: Self.manifestLimitBytes) else { return nil }
        guard manifest == Self.manifest(of: snapshot, key) else {
            discard(snapshot)
            return nil
        }
        // The directory's own time is that of the last use, for whoever has to choose what goes.
        utimensat(AT_FDCWD, snapshot.directory, nil, 0)
        return snapshot
    }

    func discard(_ key: SnapshotKey) { discard(Snapshot(directory: path(key))) }

    /// Takes it away; never fails, since what cannot be removed cannot be used either.
    func discard(_ snapshot: Snapshot) {
        guard let aside = temporaryName(of: snapshot.directory), rename(snapshot.directory, aside) == 0 else { return }
        Self.remove(aside)
    }

    /// Makes the snapshot of `key` by `fill`, which is given the empty directory it shall be in. Nothing happens if it is
    /// there, or being made by somebody else, or could not be made lately and nobody asked for it.
    func make(_ key: SnapshotKey, isAskedFor: Bool = true, _ fill: (Snapshot) throws -> Void) throws {
        guard let lock = try lock(key) else { return }
        defer { _ = close(lock) }
        let failures = SnapshotFailures(lock: lock)
        guard find(key) == nil, isAskedFor || !failures.pauses() else { return }
        sweep(key)
        guard let temporary = temporaryName(of: path(key)), mkdir(temporary, 0o700) == 0 else {
            throw failure("make a directory in \(directory)")
        }
        do {
            let snapshot = Snapshot(directory: temporary)
            try fill(snapshot)
            try finish(snapshot, key)
            failures.forget()
        } catch {
            failures.add()
            Self.remove(temporary)
            throw error
        }
    }

    /// Syncs it and gives it its name.
    private func finish(_ snapshot: Snapshot, _ key: SnapshotKey) throws {
        for path in [snapshot.memory, snapshot.state, snapshot.scratch, snapshot.translations]
        where access(path, F_OK) == 0 {
            let file = silo_open(path, O_RDONLY, 0)
            guard file >= 0, fchmod(file, 0o400) == 0, fsync(file) == 0 else { throw failure("write \(path)") }
            _ = close(file)
        }
        guard let text = Self.manifest(of: snapshot, key) else { throw failure("read \(snapshot.state)") }
        let file = silo_open(snapshot.manifest, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw failure("write \(snapshot.manifest)") }
        let isWhole = text.withCString { write(file, $0, strlen($0)) == strlen($0) } && fsync(file) == 0
        guard close(file) == 0, isWhole else { throw failure("write \(snapshot.manifest)") }
        guard rename(snapshot.directory, path(key)) == 0 else { throw failure("name the snapshot \(path(key))") }
        let parent = silo_open(directory, O_RDONLY | O_DIRECTORY, 0)
        if parent >= 0 {
            fsync(parent)
            _ = close(parent)
        }
    }

    /// What a whole snapshot's manifest says. Memory and scratch disk are told by their stamps, which any write
    /// changes; the state, being small, by its content as well.
    private static func manifest(of snapshot: Snapshot, _ key: SnapshotKey) -> String? {
        guard let memory = FileStamp(snapshot.memory), let state = FileStamp(snapshot.state),
            let sum = checksum(snapshot.state)
        else { return nil }
        let scratch = FileStamp(snapshot.scratch)?.description ?? "none"
        let translations = FileStamp(snapshot.translations)?.description ?? "none"
        return "memory \(memory)\nstate \(state) \(sum)\nscratch \(scratch)\ntranslations \(translations)\n\(key.text)"
    }

    private static func checksum(_ path: String) -> String? {
        let file = silo_open(path, O_RDONLY, 0)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var sum = Checksum()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { return sum.text }
            buffer.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// A locked descriptor, or nil if somebody else makes this snapshot. The lock's file stays: one that is removed
    /// could be locked twice.
    private func lock(_ key: SnapshotKey) throws -> Int32? {
        let file = silo_open("\(path(key)).lock", O_RDWR | O_CREAT, 0o600)
        guard file >= 0 else { throw failure("make a lock in \(directory)") }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return file }
        _ = close(file)
        return nil
    }

    /// Removes what makers that were killed have left behind. Under the lock.
    private func sweep(_ key: SnapshotKey) {
        guard let list = opendir(directory) else { return }
        defer { closedir(list) }
        while let entry = readdir(list) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".\(key.name).tmp-") { Self.remove("\(directory)/\(name)") }
        }
    }

    private func temporaryName(of path: String) -> String? {
        guard let name = path.split(separator: "/").last else { return nil }
        return "\(directory)/.\(name).tmp-\(String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16))"
    }

    private static func remove(_ directory: String) {
        for name in ["memory", "state", "scratch", "translations", "manifest"] { unlink("\(directory)/\(name)") }
        rmdir("\(directory)/empty")
        rmdir(directory)
    }

    private func failure(_ action: String) -> HelperError {
        let error = SystemError(action)
        return HelperError(.disk, error.description, errno: error.errno)
    }
}
