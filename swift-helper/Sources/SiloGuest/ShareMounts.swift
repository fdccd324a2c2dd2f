import CSilo
import SiloIO
import SiloWire

/// Mounts the host's directories (9p over virtio) at their places in the guest.
struct ShareMounts {
    /// Directories made below the user's home are the user's.
    let user: Configuration.User
    /// Where the writable shares are, for `sync`.
    private(set) var writable: [Path] = []

    private static let staging: Path = "/run/silo-share"
    private static let closed: MountFlags = [.noSetuid, .noDevices]

    init(user: Configuration.User) { self.user = user }

    /// Outer paths come first, whatever the order in CONFIGURE: a share may lie inside another.
    mutating func mountAll(_ shares: [Configuration.Share]) throws(SystemError) {
        let ordered = shares.enumerated().sorted { first, second in
            let depths = (
                Path(first.element.guestPath).components.count, Path(second.element.guestPath).components.count
            )
            return depths.0 == depths.1 ? first.offset < second.offset : depths.0 < depths.1
        }
        for (_, share) in ordered { try mountOne(share) }
    }

    /// Writes back what mappings of shared files have left dirty.
    func sync() {
        for path in writable { _ = path.withCString { silo_sync_mount($0) } }
    }

    private mutating func mountOne(_ share: Configuration.Share) throws(SystemError) {
        let target = Path(share.guestPath)
        guard target.isAbsolute, !target.components.isEmpty, !target.components.contains(Array("..".utf8)) else {
            throw SystemError(
                "mount a share at \"\(target)\": an absolute path without \"..\" is needed", errno: EINVAL)
        }
        let flags = share.readOnly ? ShareMounts.closed.union(.readOnly) : ShareMounts.closed
        let subpath = Path(share.subpath)
        if subpath.components.isEmpty {
            try makeDirectory(target)
            try mountTag(share, at: target, flags)
        } else {
            try mountPart(share, subpath, at: target, flags)
        }
        if !share.readOnly { writable.append(target) }
    }

    /// A part of a share: the whole is mounted out of sight, the part is bound to its place, the whole is let go.
    private func mountPart(
        _ share: Configuration.Share, _ subpath: Path, at target: Path, _ flags: MountFlags
    ) throws(SystemError) {
        guard !subpath.isAbsolute, !subpath.components.contains(Array("..".utf8)) else {
            throw SystemError(
                "mount \"\(subpath)\" of a share: a relative path without \"..\" is needed", errno: EINVAL)
        }
        try Files.makeDirectories(ShareMounts.staging, mode: 0o700)
        try mountTag(share, at: ShareMounts.staging, flags)
        defer {
            _ = ShareMounts.staging.withCString { silo_unmount_lazily($0) }
            _ = ShareMounts.staging.withCString { rmdir($0) }
        }
        let source = ShareMounts.staging / subpath.bytes
        guard let type = Files.type(of: source) else { throw SystemError("find \"\(subpath)\" in a share") }
        if type == UInt32(S_IFDIR) {
            try makeDirectory(target)
        } else {
            try makeDirectory(target.parent)
            if Files.type(of: target) == nil { try Files.makeFile(target) }
        }
        try mount(source, at: target, .bind)
        try mount("none", at: target, flags.union([.bind, .remount]))
    }

    private func mountTag(
        _ share: Configuration.Share, at target: Path, _ flags: MountFlags
    ) throws(SystemError) {
        let size = share.messageBytes == 0 ? 512_000 : share.messageBytes
        try mount(
            Path(share.tag), at: target, type: "9p", flags,
            options: "trans=virtio,version=9p2000.L,msize=\(size),cache=mmap")
    }

    private func makeDirectory(_ path: Path) throws(SystemError) {
        let home = Path(user.home)
        try Files.makeDirectories(path) { made in
            made.isInside(home) ? Files.Owner(uid: user.uid, gid: user.gid) : nil
        }
    }
}
