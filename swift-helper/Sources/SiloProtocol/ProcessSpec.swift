/// One program to run in the guest.
public struct ProcessSpec: Sendable, Equatable {
    public struct User: Sendable, Equatable {
        public var uid: UInt32
        public var gid: UInt32
        public var groups: [UInt32]

        public init(uid: UInt32, gid: UInt32, groups: [UInt32]) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
        }
    }

    public enum StreamKind: String, Sendable, Codable, CaseIterable { case pipe, terminal, null }

    public struct Stdio: Sendable, Equatable {
        public var stdin: StreamKind
        public var stdout: StreamKind
        public var stderr: StreamKind

        public init(stdin: StreamKind, stdout: StreamKind, stderr: StreamKind) {
            self.stdin = stdin
            self.stdout = stdout
            self.stderr = stderr
        }

        public var usesTerminal: Bool { [stdin, stdout, stderr].contains(.terminal) }
    }

    /// `full`: the guest's pty does echo and line editing. `cooked`: the host's terminal does, the pty does not.
    public enum TerminalMode: String, Sendable, Codable, CaseIterable { case full, cooked }

    public struct Terminal: Sendable, Equatable {
        public var rows: UInt16
        public var columns: UInt16
        public var mode: TerminalMode

        public init(rows: UInt16, columns: UInt16, mode: TerminalMode) {
            self.rows = rows
            self.columns = columns
            self.mode = mode
        }
    }

    /// The CLI's number for it, from 1.
    public var process: UInt32
    /// `argv[0]` is looked up in the PATH of `env`.
    public var argv: [ByteString]
    /// The whole environment.
    public var env: [ByteString]
    public var cwd: ByteString
    public var user: User
    public var stdio: Stdio
    /// There if any of the three streams is a terminal.
    public var terminal: Terminal?

    public init(
        process: UInt32, argv: [ByteString], env: [ByteString], cwd: ByteString, user: User, stdio: Stdio,
        terminal: Terminal? = nil
    ) {
        self.process = process
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.user = user
        self.stdio = stdio
        self.terminal = terminal
    }
}

extension ProcessSpec: Codable {
    enum CodingKeys: String, CodingKey { case process, argv, env, cwd, user, stdio, terminal }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        process = try container.integer(.process, in: 1...(.max))
        argv = try container.decode([ByteString].self, forKey: .argv)
        env = try container.decode([ByteString].self, forKey: .env)
        cwd = try container.decode(ByteString.self, forKey: .cwd)
        user = try container.decode(User.self, forKey: .user)
        stdio = try container.decode(Stdio.self, forKey: .stdio)
        terminal = try container.decodeIfPresent(Terminal.self, forKey: .terminal)

        guard argv.first?.bytes.isEmpty == false else { throw container.invalid(.argv, "names no program") }
        guard cwd.bytes.first == UInt8(ascii: "/") else { throw container.invalid(.cwd, "must be an absolute path") }
        for (index, entry) in env.enumerated() where !entry.bytes.contains(UInt8(ascii: "=")) {
            throw HelperError.invalid("env[\(index)]", "has no `=`")
        }
        guard terminal != nil || !stdio.usesTerminal else {
            throw container.invalid(.terminal, "is missing, and a stream is a terminal")
        }
    }
}

extension ProcessSpec.User: Codable {
    enum CodingKeys: String, CodingKey { case uid, gid, groups }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        uid = try container.integer(.uid, in: 0...(.max - 1))
        gid = try container.integer(.gid, in: 0...(.max - 1))
        groups = try container.decode([UInt32].self, forKey: .groups)
        // NGROUPS_MAX
        guard groups.count <= 65_536 else { throw container.invalid(.groups, "has more than 65536 entries") }
    }
}

extension ProcessSpec.Stdio: Codable {
    enum CodingKeys: String, CodingKey { case stdin, stdout, stderr }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        stdin = try container.choice(.stdin)
        stdout = try container.choice(.stdout)
        stderr = try container.choice(.stderr)
    }
}

extension ProcessSpec.Terminal: Codable {
    enum CodingKeys: String, CodingKey { case rows, columns, mode }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        rows = try container.integer(.rows, in: 0...(.max))
        columns = try container.integer(.columns, in: 0...(.max))
        mode = try container.choice(.mode)
    }
}

public struct ProcessStarted: Sendable, Equatable, Codable {
    /// In the guest.
    public var pid: Int32

    public init(pid: Int32) { self.pid = pid }
}
