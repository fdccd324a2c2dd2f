import SiloProtocol

/// A process that was asked for.
struct ProcessEntry {
    var start: Task<any GuestProcess, any Error>
    /// The last signal or resize: they are carried out one after another, in the order of their requests.
    var tail: Task<Void, Never>
}

extension HelperSession {
    func startProcess(_ spec: ProcessSpec, _ id: RequestID) throws {
        guard processes[spec.process] == nil else {
            throw HelperError.invalid("process", "is \(spec.process), which has been started before")
        }
        let machineStart: Task<StartedMachine, any Error>
        let socket: String
        switch machine {
        case .none: throw HelperError(.order, "`process/start` came before `machine/start`")
        case .stopping: throw Self.stopped
        case .gone(let error): throw error
        case .starting(let task, let path): (machineStart, socket) = (task, path)
        }

        let start = Task { () throws -> any GuestProcess in
            // Dialled while the VM boots: the connections are there when the program starts.
            let streams = try ProcessStreams.dial(spec, socket: socket)
            let started: StartedMachine
            do {
                started = try await machineStart.value
            } catch {
                streams.close()
                throw HelperError(.machineGone, "the VM did not start")
            }
            return try await started.machine.start(spec, streams: streams)
        }
        processes[spec.process] = ProcessEntry(start: start, tail: Task {})
        Task { [outbox] in
            do {
                let process = try await start.value
                outbox.reply(id, ProcessStarted(pid: process.pid))
                // The wait fails only with the machine, and that is reported by itself.
                guard let exit = try? await process.wait() else { return }
                outbox.notify(.processExited(ProcessExited(process: spec.process, exit: exit)))
            } catch {
                outbox.fail(id, error)
            }
        }
    }

    /// Signals or resizes a process, once it runs.
    func control(
        _ number: UInt32, _ id: RequestID, _ work: @escaping @Sendable (any GuestProcess) async throws -> Void
    ) throws {
        guard let entry = processes[number] else {
            throw HelperError.invalid("process", "is \(number), which has not been started")
        }
        processes[number]?.tail = Task { [outbox] in
            await entry.tail.value
            do {
                try await work(try await entry.start.value)
                outbox.reply(id, EmptyResult())
            } catch {
                outbox.fail(id, error)
            }
        }
    }
}
