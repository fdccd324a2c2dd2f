import CSilo
import SiloIO
import SiloWire

/// Mounts the host's directories (9p over virtio) at their places in the guest.
struct ShareMounts {
    /// Directories made below the user's home are the user's.
    let user: BaseConfiguration.User
    /// Where the writable shares are, for `sync`.
    private(set) var writable: [Path] = []
    /// Tags that are mounted out of sight, because parts of them or several places need them: a tag can be mounted
    /// only once at a time.
    private var staged: [(tag: [UInt8], path: Path)] = []

    private static let covers: Path = "/var/lib/silo-covers"
    private static let staging: Path = "/run/silo-shares"
    private static let closed: MountFlags = [.noSetuid, .noDevices]
    /// Where silo mounts the project and the tools' caches unless it is told otherwise.
    private static let usualPlaces: [Path] = ["/workspace", "/var/cache/silo/project"]

    init(user: BaseConfiguration.User) { self.user = user }

    /// Of shares that another init has mounted.
    init(user: BaseConfiguration.User, mounted: [Configuration.Share]) {
        self.user = user
        writable = mounted.filter { !$0.readOnly }.map { Path($0.guestPath) }
    }

    /// Outer paths come first, whatever the order in CONFIGURE: a share may lie inside another.
    mutating func mountAll(_ shares: [Configuration.Share]) throws(SystemError) {
        for share in shares { try check(share) }
        try stage(shares)
        for index in ShareMounts.outerFirst(shares) {
            let share = shares[index]
            if share.tag.isEmpty { try cover(Path(share.guestPath), number: index) } else { try mountOne(share) }
        }
        for (_, path) in staged {
            _ = path.withCString { silo_unmount_lazily($0) }
            _ = path.withCString { rmdir($0) }
        }
        _ = ShareMounts.staging.withCString { rmdir($0) }
    }

    /// The places of `shares` by their depth, equal ones as they come.
    private static func outerFirst(_ shares: [Configuration.Share]) -> [Int] {
        var ordered: [(index: Int, depth: Int)] = []
        for (index, share) in shares.enumerated() {
            let depth = Path(share.guestPath).components.count
            var place = ordered.count
            while place > 0, ordered[place - 1].depth > depth { place -= 1 }
            ordered.insert((index, depth), at: place)
        }
        return ordered.map(\.index)
    }

    /// Makes the usual places, which would take a restored machine 15 ms each. Where nothing is mounted they are empty
    /// directories of root's.
    static func makeUsualPlaces() throws(SystemError) {
        for place in usualPlaces { try Files.makeDirectories(place) }
    }

    /// Mounts something that hides nothing, and takes it away again.
    static func rehearse(_ user: BaseConfiguration.User) {
        let place: Path = "/run/silo-rehearsal"
        var mounts = ShareMounts(user: user)
        let share = Configuration.Share(tag: [], guestPath: place.bytes, readOnly: false)
        try? mounts.mountAll([share])
        _ = place.withCString { silo_unmount_lazily($0) }
        for directory in [place, covers / "0", covers] { _ = directory.withCString { rmdir($0) } }
    }

    /// Writes back what mappings of shared files have left dirty.
    func sync() {
        for path in writable { _ = path.withCString { silo_sync_mount($0) } }
    }

    private func check(_ share: Configuration.Share) throws(SystemError) {
        let parent = Array("..".utf8)
        let target = Path(share.guestPath)
        guard target.isAbsolute, !target.components.isEmpty, !target.components.contains(parent) else {
            throw SystemError(
                "mount a share at \"\(target)\": an absolute path without \"..\" is needed", errno: EINVAL)
        }
        let subpath = Path(share.subpath)
        guard !subpath.isAbsolute, !subpath.components.contains(parent) else {
            throw SystemError(
                "mount \"\(subpath)\" of a share: a relative path without \"..\" is needed", errno: EINVAL)
        }
    }

    private mutating func stage(_ shares: [Configuration.Share]) throws(SystemError) {
        for share in shares where !share.tag.isEmpty && stage(of: share.tag) == nil {
            let users = shares.filter { $0.tag == share.tag }
            if users.count == 1, Path(share.subpath).components.isEmpty { continue }
            let path = ShareMounts.staging / "\(staged.count)"
            try Files.makeDirectories(path, mode: 0o700)
            // The file system is read-only only if nobody writes to it; the places have their own flags.
            try mountTag(share, at: path, users.allSatisfy(\.readOnly))
            staged.append((share.tag, path))
        }
    }

    private func stage(of tag: [UInt8]) -> Path? { staged.first { $0.tag == tag }?.path }

    private mutating func mountOne(_ share: Configuration.Share) throws(SystemError) {
        let target = Path(share.guestPath)
        if let root = stage(of: share.tag) {
            try bind(Path(share.subpath).components.reduce(root, /), at: target, share.readOnly)
        } else {
            try makeDirectory(target)
            try mountTag(share, at: target, share.readOnly)
        }
        if !share.readOnly { writable.append(target) }
    }

    /// Puts an empty directory (or file) of the guest's own over what is there, so that it is out of sight. What is
    /// written there is gone with the machine.
    private func cover(_ target: Path, number: Int) throws(SystemError) {
        if Files.type(of: target) == nil {
            // Where it cannot be made, as on a read-only share, there is nothing to hide.
            do throws(SystemError) { try makeDirectory(target) } catch { return }
        }
        let empty = ShareMounts.covers / "\(number)"
        if Files.isDirectory(target) {
            try Files.makeDirectories(empty)
        } else {
            try Files.makeDirectories(ShareMounts.covers)
            try Files.makeFile(empty)
        }
        Files.chown(empty, Files.Owner(uid: user.uid, gid: user.gid))
        try bind(empty, at: target, false)
    }

    private func bind(_ source: Path, at target: Path, _ readOnly: Bool) throws(SystemError) {
        guard let type = Files.type(of: source) else { throw SystemError("find what to mount at \(target)") }
        if type == UInt32(S_IFDIR) {
            try makeDirectory(target)
        } else {
            try makeDirectory(target.parent)
            if Files.type(of: target) == nil { try Files.makeFile(target) }
        }
        try mount(source, at: target, .bind)
        // A bind takes its flags only in a second step.
        try mount("none", at: target, ShareMounts.flags(readOnly).union([.bind, .remount]))
    }

    private func mountTag(_ share: Configuration.Share, at target: Path, _ readOnly: Bool) throws(SystemError) {
        let size = share.messageBytes == 0 ? 512_000 : share.messageBytes
        do throws(SystemError) {
            try mount(
                Path(share.tag), at: target, type: "9p", ShareMounts.flags(readOnly),
                options: "trans=virtio,version=9p2000.L,msize=\(size),cache=mmap")
        } catch {
            let tag = String(decoding: share.tag, as: UTF8.self)
            throw SystemError("mount the share \"\(tag)\" at \(Path(share.guestPath))", errno: error.errno)
        }
    }

    private static func flags(_ readOnly: Bool) -> MountFlags { readOnly ? closed.union(.readOnly) : closed }

    private func makeDirectory(_ path: Path) throws(SystemError) {
        let home = Path(user.home)
        try Files.makeDirectories(path) { made in
            made.isInside(home) ? Files.Owner(uid: user.uid, gid: user.gid) : nil
        }
    }
}
