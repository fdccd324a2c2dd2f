import SiloIO
import SiloWire

/// Gives the tool's user a name: entries in passwd, group and shadow where the image has none, and a home.
enum Accounts {
    static func add(_ user: BaseConfiguration.User) throws(SystemError) {
        try Files.makeDirectories("/etc")
        let passwd = Files.read("/etc/passwd")
        if passwd == nil {
            try append("/etc/passwd", "root:x:0:0:root:/root:/bin/sh", to: nil)
        }
        let group = Files.read("/etc/group")
        if !hasID(user.gid, in: group) {
            let name = freeName(text(user.name), in: group)
            try append("/etc/group", "\(name):x:\(user.gid):", to: group)
        }
        if !hasID(user.uid, in: Files.read("/etc/passwd")) {
            let name = freeName(text(user.name), in: passwd)
            let entry = "\(name):x:\(user.uid):\(user.gid):\(name):\(text(user.home)):\(text(user.shell))"
            try append("/etc/passwd", entry, to: Files.read("/etc/passwd"))
            // "*": no password opens this account. A system without shadow passwords needs no line.
            if let shadow = Files.read("/etc/shadow") {
                try append("/etc/shadow", "\(name):*:19700:0:99999:7:::", to: shadow)
            }
        }
        try makeHome(user)
    }

    private static func makeHome(_ user: BaseConfiguration.User) throws(SystemError) {
        let home = Path(user.home)
        guard home.isAbsolute else { throw SystemError("make the home \"\(home)\"", errno: EINVAL) }
        let isNew = try Files.makeDirectories(home)
        guard isNew || (user.uid != 0 && Files.owner(of: home)?.uid == 0) else { return }
        Files.chown(home, Files.Owner(uid: user.uid, gid: user.gid))
    }

    /// Whether the third field of a line of passwd or group is that number.
    static func hasID(_ id: UInt32, in content: [UInt8]?) -> Bool {
        lines(of: content).contains { fields in fields.count > 2 && UInt32(fields[2]) == id }
    }

    /// `name`, or `name` with a number if it is taken.
    static func freeName(_ name: String, in content: [UInt8]?) -> String {
        let taken = Set(lines(of: content).compactMap(\.first))
        guard taken.contains(name) else { return name }
        return (1...).lazy.map { "\(name)\($0)" }.first { !taken.contains($0) } ?? name
    }

    private static func lines(of content: [UInt8]?) -> [[String]] {
        (content ?? []).split(separator: UInt8(ascii: "\n")).map { line in
            line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { field in
                String(decoding: field, as: UTF8.self)
            }
        }
    }

    /// A field without what would break its line.
    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.filter { $0 >= 0x20 && $0 != UInt8(ascii: ":") && $0 != 0x7f }, as: UTF8.self)
    }

    private static func append(_ path: Path, _ line: String, to content: [UInt8]?) throws(SystemError) {
        let needsNewline = content?.last.map { $0 != UInt8(ascii: "\n") } ?? false
        try Files.write(path, Array(((needsNewline ? "\n" : "") + line + "\n").utf8), appending: true)
    }
}
