import SiloIO
import SiloProtocol
import SiloWire

extension StartRequest {
    package init(_ spec: ProcessSpec, streams: Streams) {
        self.init(
            process: spec.process, arguments: spec.argv.map(\.bytes), environment: spec.env.map(\.bytes),
            workingDirectory: spec.cwd.bytes, uid: spec.user.uid, gid: spec.user.gid, groups: spec.user.groups,
            stdio: Stdio(
                stdin: StdioKind(spec.stdio.stdin), stdout: StdioKind(spec.stdio.stdout),
                stderr: StdioKind(spec.stdio.stderr)),
            streams: streams, rows: spec.terminal?.rows ?? 0, columns: spec.terminal?.columns ?? 0,
            terminalMode: spec.terminal?.mode == .cooked ? .cooked : .full)
    }
}

extension StartRequest.StdioKind {
    init(_ kind: ProcessSpec.StreamKind) {
        switch kind {
        case .pipe: self = .pipe
        case .terminal: self = .terminal
        case .null: self = .null
        }
    }
}

extension ControlMessage.SignalScope {
    package init(_ scope: SiloProtocol.SignalScope) { self = scope == .group ? .group : .process }
}

extension BaseConfiguration {
    package init(_ spec: MachineSpec) {
        let user = spec.guest.user
        self.init(
            hostname: Array(spec.guest.hostname.utf8),
            scratch: spec.rootfs.copy != nil ? .root : spec.scratch == nil ? .memory : .disk,
            user: User(
                uid: user.uid, gid: user.gid, name: Array(user.name.utf8), home: Array(user.home.utf8),
                shell: Array(user.shell.utf8)),
            hasNetwork: spec.network != nil, certificates: Array((spec.network?.certificates ?? "").utf8))
    }
}

extension Configuration {
    /// With the clock of now and fresh randomness. `shares`: what the guest has to mount itself.
    package init(_ spec: MachineSpec, shares: [Share]) {
        var generator = SystemRandomNumberGenerator()
        func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        self.init(
            base: BaseConfiguration(spec), clockNanoseconds: Self.now(), entropy: random(256), machineID: random(16),
            authority: Array((spec.network?.authority ?? "").utf8), shares: shares,
            processes: spec.guest.processes ?? 0, passesSSHAgent: spec.sshAgent, watchesPorts: spec.watchPorts)
    }

    /// Nanoseconds since 1970 (UTC).
    package static func now() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
