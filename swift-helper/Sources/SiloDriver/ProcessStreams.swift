import SiloProtocol

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The data connections of one process: connected Unix sockets, each used in one direction.
/// Whoever holds the value owns the descriptors.
public struct ProcessStreams: Sendable {
    /// CLI → guest.
    public var stdin: Int32?
    /// Guest → CLI.
    public var stdout: Int32?
    public var stderr: Int32?
    public var terminal: Int32?

    public init() {}

    /// The streams that a process with this stdio has.
    public static func needed(for stdio: ProcessSpec.Stdio) -> [StreamHeader.Stream] {
        var streams: [StreamHeader.Stream] = []
        if stdio.stdin != .null { streams.append(.stdin) }
        if stdio.stdout == .pipe { streams.append(.stdout) }
        if stdio.stderr == .pipe { streams.append(.stderr) }
        if stdio.usesTerminal { streams.append(.terminal) }
        return streams
    }

    /// Dials the data socket once for each stream of the process.
    public static func dial(_ spec: ProcessSpec, socket path: String) throws -> ProcessStreams {
        var streams = ProcessStreams()
        do {
            for stream in needed(for: spec.stdio) {
                let descriptor = try DataSocket.connect(
                    to: path, header: StreamHeader(process: spec.process, stream: stream))
                switch stream {
                case .stdin: streams.stdin = descriptor
                case .stdout: streams.stdout = descriptor
                case .stderr: streams.stderr = descriptor
                case .terminal: streams.terminal = descriptor
                }
            }
        } catch {
            streams.close()
            throw error
        }
        return streams
    }

    public func close() {
        for case let descriptor? in [stdin, stdout, stderr, terminal] { _ = systemClose(descriptor) }
    }
}

private func systemClose(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
        Glibc.close(descriptor)
    #else
        Darwin.close(descriptor)
    #endif
}
