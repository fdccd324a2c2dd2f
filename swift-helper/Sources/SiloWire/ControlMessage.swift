/// The messages of CONTROL frames (`docs/protocol.md`, section 2). Byte strings are not checked for being UTF-8.
public enum ControlMessage: Equatable, Sendable {
    // Host to guest.
    case configure(Configuration)
    case start(StartRequest)
    /// `number`: the Linux signal number, whatever the host's system is.
    case signal(process: UInt32, number: UInt8, scope: SignalScope)
    case resize(process: UInt32, rows: UInt16, columns: UInt16)
    case shutdown
    case ping(UInt64)
    /// Before a snapshot is taken: everything that is the same for all runs of an image.
    case prepare(Preparation)
    /// Nanoseconds since 1970 (UTC): a machine out of a snapshot has the clock of its template until it hears this.
    case clock(UInt64)

    // Guest to host.
    case hello(version: UInt32, agent: [UInt8], kernel: [UInt8])
    case configured
    case started(process: UInt32, pid: UInt32)
    case startFailed(process: UInt32, stage: StartStage, errno: Int32)
    /// Comes after the last DATA and EOF of the process's output.
    case exited(process: UInt32, status: ExitStatus)
    case stopped(process: UInt32, signal: UInt8)
    case failed(message: [UInt8])
    case notice(message: [UInt8])
    /// All ports that servers of the guest's programs listen on, at most `WireLimits.listeningPorts`; sent when it changes.
    case listening(ports: [UInt16])
    case pong(UInt64)
    /// Nothing is on its way, in either direction: the machine may be stopped and copied now.
    case prepared(warm: Bool)

    public enum SignalScope: UInt8, Sendable {
        /// The started process alone.
        case process = 0
        /// The terminal's foreground process group; without a terminal the process's own group.
        case group = 1
    }

    /// What could not be done (`StartFailed`).
    public enum StartStage: UInt8, Sendable {
        /// Pipes, pty, fork, user or groups.
        case setup = 0
        case chdir = 1
        case exec = 2
    }

    public enum ExitStatus: Equatable, Sendable {
        case code(UInt8)
        case signal(UInt8)
    }

    /// The message's number on the wire.
    public var kind: UInt16 {
        switch self {
        case .configure: 1
        case .start: 2
        case .signal: 3
        case .resize: 4
        case .shutdown: 5
        case .ping: 6
        case .prepare: 7
        case .clock: 8
        case .hello: 101
        case .configured: 102
        case .started: 103
        case .startFailed: 104
        case .exited: 105
        case .stopped: 106
        case .failed: 107
        case .notice: 108
        case .listening: 120
        case .pong: 109
        case .prepared: 110
        }
    }

    /// Kind and body.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(kind)
        switch self {
        case .configure(let configuration): configuration.write(to: &writer)
        case .start(let request): request.write(to: &writer)
        case .signal(let process, let number, let scope):
            writer.integer(process)
            writer.integer(number)
            writer.integer(scope.rawValue)
        case .resize(let process, let rows, let columns):
            writer.integer(process)
            writer.integer(rows)
            writer.integer(columns)
        case .shutdown, .configured: break
        case .ping(let value), .pong(let value), .clock(let value): writer.integer(value)
        case .prepare(let preparation): preparation.write(to: &writer)
        case .prepared(let warm): writer.boolean(warm)
        case .hello(let version, let agent, let kernel):
            writer.integer(version)
            writer.data(agent)
            writer.data(kernel)
        case .started(let process, let pid):
            writer.integer(process)
            writer.integer(pid)
        case .startFailed(let process, let stage, let errno):
            writer.integer(process)
            writer.integer(stage.rawValue)
            writer.integer(errno)
        case .exited(let process, let status):
            writer.integer(process)
            switch status {
            case .code(let code):
                writer.integer(UInt8(0))
                writer.integer(code)
            case .signal(let number):
                writer.integer(UInt8(1))
                writer.integer(number)
            }
        case .stopped(let process, let signal):
            writer.integer(process)
            writer.integer(signal)
        case .listening(let ports): writer.list(ports) { $0.integer($1) }
        case .failed(let message), .notice(let message): writer.data(message)
        }
        return writer.bytes
    }
}
