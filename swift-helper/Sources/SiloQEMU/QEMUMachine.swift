import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// A machine as the session sees it: passes every call on to the machine's own thread.
struct QEMUMachine: Machine {
    private let mailbox: Mailbox
    private let core: Confined<MachineCore>

    /// Starts the machine's thread; boots nothing yet.
    static func make(_ setup: MachineCore.Setup, events: any MachineEvents) async throws -> QEMUMachine {
        try await withCheckedThrowingContinuation { continuation in
            // The thread never ends: QEMU is told to die with the thread that started it.
            Thread.detach {
                do {
                    let reactor = try Reactor()
                    let core = MachineCore(reactor: reactor, setup: setup, events: events)
                    continuation.resume(returning: QEMUMachine(mailbox: reactor.mailbox, core: Confined(core)))
                    reactor.run()
                } catch {
                    continuation.resume(throwing: HelperError(.noHypervisor, "\(error)"))
                }
            }
        }
    }

    /// Boots it. When the task is cancelled, QEMU is gone before this throws.
    func boot() async throws -> MachineStarted {
        try await withTaskCancellationHandler {
            try await call { core, continuation in core.boot { continuation.resume(with: $0) } }
        } onCancel: {
            mailbox.post { core.value.stop {} }
        }
    }

    func start(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any GuestProcess {
        let pid: Int32 = try await call { core, continuation in
            guard let guest = core.guest else {
                streams.close()
                return continuation.resume(throwing: HelperError(.machineGone, "the VM has ended"))
            }
            core.tellTime()
            guest.table.start(process, streams: streams) { continuation.resume(with: $0) }
        }
        return QEMUProcess(pid: pid, number: process.process, machine: self)
    }

    func openPort(_ port: UInt16, stream: UInt32) async throws {
        let _: Void = try await call { core, continuation in
            continuation.resume(
                with: Result {
                    guard let guest = core.guest else { throw HelperError(.machineGone, "the VM has ended") }
                    try guest.openPort(port, stream: stream)
                })
        }
    }

    func stop() async {
        await withCheckedContinuation { continuation in
            mailbox.post { core.value.stop { continuation.resume() } }
        }
    }

    fileprivate func send(_ message: ControlMessage, toProcess number: UInt32) {
        mailbox.post {
            core.value.guest?.send(message, about: number)
        }
    }

    fileprivate func wait(for number: UInt32) async throws -> ProcessExit {
        try await call { core, continuation in
            guard let guest = core.guest else {
                return continuation.resume(throwing: HelperError(.machineGone, "the VM has ended"))
            }
            guest.table.wait(number) { continuation.resume(with: $0) }
        }
    }

    private func call<Value: Sendable>(
        _ body: @escaping @Sendable (MachineCore, CheckedContinuation<Value, any Error>) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            mailbox.post { body(core.value, continuation) }
        }
    }
}

/// A program in the guest of a `QEMUMachine`.
private struct QEMUProcess: GuestProcess {
    let pid: Int32
    let number: UInt32
    let machine: QEMUMachine

    func signal(_ signal: GuestSignal, scope: SiloProtocol.SignalScope) async throws {
        machine.send(
            .signal(process: number, number: signal.number, scope: ControlMessage.SignalScope(scope)), toProcess: number
        )
    }

    func resize(rows: UInt16, columns: UInt16) async throws {
        machine.send(.resize(process: number, rows: rows, columns: columns), toProcess: number)
    }

    func wait() async throws -> ProcessExit { try await machine.wait(for: number) }
}
