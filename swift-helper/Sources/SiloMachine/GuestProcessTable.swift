import SiloDriver
import SiloIO
import SiloProtocol
import SiloWire

/// The programs of one guest: their streams, their starts and their ends. Belongs to the reactor's thread.
///
/// Whatever the guest says is checked against what it was asked; a contradiction is a `Violation`.
package final class GuestProcessTable {
    package struct Violation: Error {
        package let message: String

        package init(message: String) { self.message = message }
    }

    private let port: WirePort
    private var entries: [UInt32: Entry] = [:]

    package init(port: WirePort) { self.port = port }

    /// Sends START. `started` is told the pid or why not; the streams are taken over.
    package func start(
        _ spec: ProcessSpec, streams: ProcessStreams, _ started: @escaping (Result<Int32, HelperError>) -> Void
    ) {
        let entry = Entry(program: spec.argv[0].text, directory: spec.cwd.text, started)
        do {
            let request = try StartRequest(spec, streams: open(streams, entry))
            entries[spec.process] = entry
            port.send(.start(request))
        } catch {
            entry.cancelStreams()
            started(.failure(HelperError(.invalid, "cannot start \(entry.program): \(error)")))
        }
    }

    /// Calls `ended` when the program has ended and its output is delivered.
    package func wait(_ process: UInt32, _ ended: @escaping (Result<ProcessExit, HelperError>) -> Void) {
        guard let entry = entries[process] else {
            return ended(.failure(HelperError(.machineGone, "the VM has ended")))
        }
        entry.ended = ended
        finishIfDone(process, entry)
    }

    package func isRunning(_ process: UInt32) -> Bool { entries[process].map { $0.exit == nil } ?? false }

    package func handleStarted(_ process: UInt32, pid: UInt32) throws(Violation) {
        guard let entry = entries[process], let started = entry.started, pid > 0, pid <= UInt32(Int32.max) else {
            throw Violation(message: "STARTED for process \(process), which was not to be started")
        }
        entry.started = nil
        started(.success(Int32(pid)))
    }

    package func handleStartFailed(
        _ process: UInt32, stage: ControlMessage.StartStage, errno code: Int32
    ) throws(Violation) {
        guard let entry = entries[process], let started = entry.started else {
            throw Violation(message: "START_FAILED for process \(process), which was not to be started")
        }
        entries[process] = nil
        entry.cancelStreams()
        started(.failure(entry.startFailure(stage, code)))
    }

    package func handleExited(_ process: UInt32, _ status: ControlMessage.ExitStatus) throws(Violation) {
        guard let entry = entries[process], entry.started == nil, entry.exit == nil else {
            throw Violation(message: "EXITED for process \(process), which does not run")
        }
        switch status {
        case .code(let code): entry.exit = .code(code)
        case .signal(let number):
            guard let signal = GuestSignal(number: number) else {
                throw Violation(message: "EXITED with signal \(number)")
            }
            entry.exit = .signal(signal)
        }
        entry.input?.cancel()
        entry.input = nil
        finishIfDone(process, entry)
    }

    /// The VM is gone: everything that is open fails with `error`.
    package func close(_ error: HelperError) {
        let open = entries.values
        entries = [:]
        for entry in open {
            entry.cancelStreams()
            entry.started?(.failure(error))
            entry.ended?(.failure(error))
        }
    }

    private func open(_ streams: ProcessStreams, _ entry: Entry) throws -> StartRequest.Streams {
        var ids = StartRequest.Streams()
        // Each descriptor belongs to its pump as soon as there is one; those that never got one are closed here.
        var rest = streams
        defer { rest.close() }
        if let fd = streams.stdin {
            ids.stdin = try port.multiplexer.openImplicit(.send)
            setNonblocking(fd)
            rest.stdin = nil
            entry.input = StreamSource(fd: fd, stream: ids.stdin, port: port) { [weak entry] _ in entry?.input = nil }
        }
        if let fd = streams.stdout {
            ids.stdout = try output(fd, entry)
            rest.stdout = nil
        }
        if let fd = streams.stderr {
            ids.stderr = try output(fd, entry)
            rest.stderr = nil
        }
        if let fd = streams.terminal {
            ids.terminal = try output(fd, entry)
            rest.terminal = nil
        }
        return ids
    }

    private func output(_ fd: Int32, _ entry: Entry) throws -> StreamID {
        let id = try port.multiplexer.openImplicit(.receive)
        setNonblocking(fd)
        entry.outputs[id] = StreamSink(fd: fd, stream: id, port: port) { [weak self, weak entry] _ in
            guard let self, let entry else { return }
            entry.outputs[id] = nil
            if let process = entries.first(where: { $0.value === entry })?.key { finishIfDone(process, entry) }
        }
        return id
    }

    private func finishIfDone(_ process: UInt32, _ entry: Entry) {
        guard let exit = entry.exit, entry.outputs.isEmpty, let ended = entry.ended else { return }
        entries[process] = nil
        ended(.success(exit))
    }

    private func setNonblocking(_ fd: Int32) { _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) }
}

/// One program of the guest.
private final class Entry {
    let program: String
    let directory: String
    /// There until the guest says whether it started.
    var started: ((Result<Int32, HelperError>) -> Void)?
    var ended: ((Result<ProcessExit, HelperError>) -> Void)?
    var exit: ProcessExit?
    var input: StreamSource?
    var outputs: [StreamID: StreamSink] = [:]

    init(program: String, directory: String, _ started: @escaping (Result<Int32, HelperError>) -> Void) {
        self.program = program
        self.directory = directory
        self.started = started
    }

    func cancelStreams() {
        input?.cancel()
        input = nil
        for sink in outputs.values { sink.cancel() }
        outputs = [:]
    }

    func startFailure(_ stage: ControlMessage.StartStage, _ code: Int32) -> HelperError {
        let why = SystemError.text(of: code)
        return switch stage {
        case .setup: HelperError(.guest, "the guest could not prepare the start of `\(program)`: \(why)", errno: code)
        case .chdir: .exec("cannot enter `\(directory)`: \(why)", stage: .chdir, errno: code)
        case .exec: .exec("cannot start `\(program)`: \(why)", stage: .exec, errno: code)
        }
    }
}
