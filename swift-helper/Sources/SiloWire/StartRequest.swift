/// START: a process to run. `argv[0]` is looked up in the PATH of `environment`.
public struct StartRequest: Equatable, Sendable {
    /// The host's number for the process; not its pid.
    public var process: UInt32
    public var arguments: [[UInt8]]
    /// `NAME=value` entries; nothing else is in the environment.
    public var environment: [[UInt8]]
    public var workingDirectory: [UInt8]
    public var uid: UInt32
    public var gid: UInt32
    public var groups: [UInt32]
    public var stdio: Stdio
    public var streams: Streams
    /// The terminal's size; 0 where no stdio is a terminal.
    public var rows: UInt16
    public var columns: UInt16
    public var terminalMode: TerminalMode

    /// What one of stdin, stdout and stderr is in the guest.
    public enum StdioKind: UInt8, Sendable {
        case null = 0
        case pipe = 1
        case terminal = 2
    }

    public struct Stdio: Equatable, Sendable {
        public var stdin: StdioKind
        public var stdout: StdioKind
        public var stderr: StdioKind

        public init(stdin: StdioKind, stdout: StdioKind, stderr: StdioKind) {
            self.stdin = stdin
            self.stdout = stdout
            self.stderr = stderr
        }

        public var hasTerminal: Bool { stdin == .terminal || stdout == .terminal || stderr == .terminal }
    }

    /// Streams that START opens, 0 where there is none. Each goes one way: stdin to the guest, the others to the host;
    /// its other direction counts as ended from the beginning. Those that are there rise in this order.
    public struct Streams: Equatable, Sendable {
        /// There if stdin is a pipe or a terminal.
        public var stdin: StreamID
        /// There if stdout is a pipe.
        public var stdout: StreamID
        /// There if stderr is a pipe.
        public var stderr: StreamID
        /// There if any stdio is a terminal: what the pty's master prints.
        public var terminal: StreamID

        public init(stdin: StreamID = 0, stdout: StreamID = 0, stderr: StreamID = 0, terminal: StreamID = 0) {
            self.stdin = stdin
            self.stdout = stdout
            self.stderr = stderr
            self.terminal = terminal
        }
    }

    public enum TerminalMode: UInt8, Sendable {
        /// The guest's pty does everything: echo, line editing, signals.
        case full = 0
        /// Echo and output processing are off: the host's terminal does them.
        case cooked = 1
    }

    public init(
        process: UInt32, arguments: [[UInt8]], environment: [[UInt8]], workingDirectory: [UInt8], uid: UInt32,
        gid: UInt32, groups: [UInt32] = [], stdio: Stdio, streams: Streams, rows: UInt16 = 0, columns: UInt16 = 0,
        terminalMode: TerminalMode = .full
    ) {
        self.process = process
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.stdio = stdio
        self.streams = streams
        self.rows = rows
        self.columns = columns
        self.terminalMode = terminalMode
    }
}

extension StartRequest {
    func write(to writer: inout ByteWriter) {
        writer.integer(process)
        writer.list(arguments) { $0.data($1) }
        writer.list(environment) { $0.data($1) }
        writer.data(workingDirectory)
        writer.integer(uid)
        writer.integer(gid)
        writer.list(groups) { $0.integer($1) }
        for kind in [stdio.stdin, stdio.stdout, stdio.stderr] { writer.integer(kind.rawValue) }
        for id in [streams.stdin, streams.stdout, streams.stderr, streams.terminal] { writer.integer(id) }
        writer.integer(rows)
        writer.integer(columns)
        writer.integer(terminalMode.rawValue)
    }

    init(from reader: inout ByteReader) throws(WireError) {
        func kind(_ reader: inout ByteReader) throws(WireError) -> StdioKind {
            guard let kind = StdioKind(rawValue: try reader.integer()) else { throw .badControl("unknown stdio kind") }
            return kind
        }
        func data(_ reader: inout ByteReader) throws(WireError) -> [UInt8] { try reader.data() }
        process = try reader.integer()
        arguments = try reader.list(itemBytes: 4, data)
        environment = try reader.list(itemBytes: 4, data)
        workingDirectory = try reader.data()
        uid = try reader.integer()
        gid = try reader.integer()
        groups = try reader.list(itemBytes: 4) { (reader: inout ByteReader) throws(WireError) -> UInt32 in
            try reader.integer()
        }
        stdio = Stdio(stdin: try kind(&reader), stdout: try kind(&reader), stderr: try kind(&reader))
        streams = Streams(
            stdin: try reader.integer(), stdout: try reader.integer(), stderr: try reader.integer(),
            terminal: try reader.integer())
        rows = try reader.integer()
        columns = try reader.integer()
        guard let mode = TerminalMode(rawValue: try reader.integer()) else {
            throw .badControl("unknown terminal mode")
        }
        terminalMode = mode
        guard !arguments.isEmpty else { throw .badControl("a process needs arguments") }
        guard !(arguments + environment + [workingDirectory]).contains(where: { $0.contains(0) }) else {
            throw .badControl("a NUL byte in an argument, the environment or the working directory")
        }
        guard (streams.stdin != 0) == (stdio.stdin != .null), (streams.stdout != 0) == (stdio.stdout == .pipe),
            (streams.stderr != 0) == (stdio.stderr == .pipe), (streams.terminal != 0) == stdio.hasTerminal
        else { throw .badControl("streams and stdio kinds disagree") }
    }
}
