import CSilo
import SiloIO

/// The few file operations that the agent needs.
enum Files {
    /// Who owns what is made.
    struct Owner {
        var uid: UInt32
        var gid: UInt32
    }

    /// The type bits of what a path leads to, nil if there is nothing.
    static func type(of path: Path, followingLinks: Bool = true) -> UInt32? {
        var status = stat()
        let result = path.withCString { followingLinks ? stat($0, &status) : lstat($0, &status) }
        return result == 0 ? UInt32(status.st_mode) & UInt32(S_IFMT) : nil
    }

    static func isDirectory(_ path: Path) -> Bool { type(of: path) == UInt32(S_IFDIR) }

    static func owner(of path: Path) -> Owner? {
        var status = stat()
        return path.withCString { stat($0, &status) } == 0 ? Owner(uid: status.st_uid, gid: status.st_gid) : nil
    }

    /// Makes a directory and all above it that are missing. Symlinks are followed, also into what does not exist yet.
    /// `owner(path)` says whose each new directory is; nil: root's. Returns whether the last one is new.
    @discardableResult
    static func makeDirectories(
        _ path: Path, mode: UInt32 = 0o755, links: Int = 40, owner: (Path) -> Owner? = { _ in nil }
    ) throws(SystemError) -> Bool {
        if isDirectory(path) { return false }
        var current: Path = "/"
        var isNew = false
        for name in path.components {
            current = current / name
            isNew = false
            if isDirectory(current) { continue }
            if let target = readLink(current) {
                guard links > 0 else { throw SystemError("make the directory \(path)", errno: ELOOP) }
                let next = Path(target)
                try makeDirectories(
                    next.isAbsolute ? next : current.parent / target, mode: mode, links: links - 1, owner: owner)
                continue
            }
            guard current.withCString({ mkdir($0, mode_t(mode)) }) == 0 else {
                throw SystemError("make the directory \(current)")
            }
            isNew = true
            if let owner = owner(current) { chown(current, owner) }
        }
        return isNew
    }

    /// Makes an empty file unless something is there.
    static func makeFile(_ path: Path) throws(SystemError) {
        let fd = path.withCString { silo_open($0, O_WRONLY | O_CREAT | O_NOCTTY, 0o644) }
        guard fd >= 0 else { throw SystemError("make the file \(path)") }
        close(fd)
    }

    static func readLink(_ path: Path) -> [UInt8]? {
        var target = [UInt8](repeating: 0, count: 4096)
        let count = target.withUnsafeMutableBytes { buffer in
            path.withCString { readlink($0, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count) }
        }
        return count < 0 ? nil : Array(target[..<count])
    }

    /// The whole of a small file, nil if it cannot be read.
    static func read(_ path: Path) -> [UInt8]? {
        let fd = path.withCString { silo_open($0, O_RDONLY, 0) }
        guard fd >= 0 else { return nil }
        defer { close(fd) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let result = piece.withUnsafeMutableBytes { IO.read(fd, into: $0) }
            guard case .bytes(let count) = result else { return result == .end ? content : nil }
            content += piece[..<count]
        }
    }

    /// Writes a file whole. `replacing`: an older file or symlink of that name is taken away first, so that a link in
    /// the image cannot lead the content elsewhere.
    static func write(
        _ path: Path, _ content: [UInt8], mode: UInt32 = 0o644, replacing: Bool = false, appending: Bool = false
    ) throws(SystemError) {
        if replacing { _ = path.withCString { unlink($0) } }
        let how = appending ? O_APPEND : O_TRUNC
        let fd = path.withCString { silo_open($0, O_WRONLY | O_CREAT | O_NOCTTY | how, mode_t(mode)) }
        guard fd >= 0 else { throw SystemError("open \(path) for writing") }
        defer { close(fd) }
        var offset = 0
        while offset < content.count {
            let result = content.withUnsafeBytes { IO.write(fd, UnsafeRawBufferPointer(rebasing: $0[offset...])) }
            guard case .bytes(let count) = result else { throw SystemError("write \(path)") }
            offset += count
        }
    }

    static func chown(_ path: Path, _ owner: Owner) {
        _ = path.withCString { lchown($0, owner.uid, owner.gid) }
    }

    static func chmod(_ path: Path, _ mode: UInt32) {
        _ = path.withCString { platformChmod($0, mode_t(mode)) }
    }

    static func symlink(_ target: Path, at path: Path) {
        _ = path.withCString { link in target.withCString { platformSymlink($0, link) } }
    }

    /// Names in a directory, without "." and "..", in no order; empty if it cannot be read.
    static func names(in directory: Path) -> [[UInt8]] {
        guard let stream = directory.withCString({ opendir($0) }) else { return [] }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    /// A line of text from a file of the kernel's, without the newline.
    static func line(_ path: Path) -> [UInt8]? {
        read(path).map { content in Array(content.prefix { $0 != UInt8(ascii: "\n") }) }
    }
}

// The C functions, whose names the methods above hide.
private func platformChmod(_ path: UnsafePointer<CChar>, _ mode: mode_t) -> Int32 { chmod(path, mode) }
private func platformSymlink(_ target: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>) -> Int32 {
    symlink(target, path)
}
