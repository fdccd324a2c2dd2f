import SiloProtocol

/// The one machine of a session.
enum MachineState {
    case none
    /// Starting or running.
    case starting(Task<StartedMachine, any Error>, dataSocket: String)
    /// Asked to stop.
    case stopping(Task<Void, Never>)
    case gone(HelperError)
}

extension HelperSession {
    func startMachine(_ spec: MachineSpec, _ id: RequestID) throws {
        guard case .none = machine else {
            throw HelperError(.order, "`machine/start` came twice: a helper runs one machine")
        }
        let events = SessionEvents(session: self, outbox: outbox)
        let start = Task { [driver] in try await driver.start(spec, events: events) }
        machine = .starting(start, dataSocket: spec.dataSocket)
        answer(id) { [weak self] in
            do {
                return try await start.value.report
            } catch {
                throw await self?.machineFailed(error) ?? error
            }
        }
    }

    /// Carries a connection to a port of the guest, once the machine runs.
    func openPort(_ parameters: StreamOpenParameters, _ id: RequestID) throws {
        guard case .starting(let start, _) = machine else {
            throw HelperError(.machineGone, "there is no VM")
        }
        answer(id) {
            try await start.value.machine.openPort(parameters.port, stream: parameters.stream)
            return EmptyResult()
        }
    }

    /// Ends the machine, also while it starts; returns when it is gone.
    func stopMachine() async {
        switch machine {
        case .none, .gone: return
        case .stopping(let stop): await stop.value
        case .starting(let start, _):
            start.cancel()
            let stop = Task { if let started = try? await start.value { await started.machine.stop() } }
            machine = .stopping(stop)
            await stop.value
        }
    }

    /// The machine did not come up; the error to answer with.
    private func machineFailed(_ error: any Error) -> any Error {
        if case .stopping = machine { return Self.stopped }
        machine = .gone(HelperError(.machineGone, "the VM did not start"))
        return error
    }

    static var stopped: HelperError { HelperError(.machineGone, "the VM was stopped") }

    /// The machine ended by itself.
    func machineExited(_ exit: MachineExited) {
        guard case .starting = machine else { return }
        machine = .gone(HelperError(.machineGone, exit.message, console: exit.console))
        outbox.notify(.machineExited(exit))
    }
}

/// Carries what the driver reports into the session.
private struct SessionEvents: MachineEvents {
    weak var session: HelperSession?
    let outbox: Outbox

    func processStopped(_ process: UInt32, by signal: GuestSignal) {
        outbox.notify(.processStopped(ProcessStopped(process: process, signal: signal)))
    }

    func exited(_ exit: MachineExited) {
        Task { [session] in await session?.machineExited(exit) }
    }

    func progress(_ progress: Progress) { outbox.notify(.progress(progress)) }

    func portsListening(_ ports: [UInt16]) { outbox.notify(.portsListening(PortsListening(ports: ports))) }

    func log(_ level: LogLine.Level, _ message: String) {
        outbox.notify(.log(LogLine(level: level, message: message)))
    }
}
