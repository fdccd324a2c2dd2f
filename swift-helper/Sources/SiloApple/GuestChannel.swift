import CSilo
import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

/// A conversation as tasks see it: passes every call on to the conversation's own thread.
struct GuestChannel: Sendable {
    private let mailbox: Mailbox
    private let conversation: Confined<GuestConversation>

    /// Takes `fd` over and begins; `ready` comes when the agent is configured, from another thread. The thread ends
    /// with `close`.
    static func open(
        _ fd: Int32, spec: MachineSpec, configuration: Configuration, events: any MachineEvents,
        ready: @escaping @Sendable (Result<GuestConversation.Ready, HelperError>) -> Void,
        onEnd: @escaping @Sendable (MachineExited.Reason, String) -> Void
    ) async throws -> GuestChannel {
        _ = silo_set_nonblocking(fd, 1)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detach {
                do {
                    let reactor = try Reactor()
                    let conversation = GuestConversation(
                        fd: fd, reactor: reactor, spec: spec, configuration: configuration, events: events,
                        ready: ready, onEnd: onEnd)
                    continuation.resume(
                        returning: GuestChannel(mailbox: reactor.mailbox, conversation: Confined(conversation)))
                    withExtendedLifetime(conversation) { reactor.run() }
                } catch {
                    _ = SiloIO.close(fd)
                    continuation.resume(throwing: HelperError(.machineGone, "\(error)"))
                }
            }
        }
    }

    func start(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any GuestProcess {
        let pid: Int32 = try await call { conversation, continuation in
            guard let guest = conversation.guest else {
                streams.close()
                return continuation.resume(throwing: Self.ended)
            }
            guest.table.start(process, streams: streams) { continuation.resume(with: $0) }
        }
        return ChannelProcess(pid: pid, number: process.process, channel: self)
    }

    /// Carries a connection to a port of the guest over the data socket.
    func openPort(_ port: UInt16, stream: UInt32) async throws {
        let _: Void = try await call { conversation, continuation in
            guard let guest = conversation.guest else { return continuation.resume(throwing: Self.ended) }
            continuation.resume(with: Result { try guest.openPort(port, stream: stream) })
        }
    }

    /// Hangs up, which ends the agent; everything that is open fails with `error`.
    func close(_ error: HelperError) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            mailbox.post { [conversation] in
                conversation.value.close(error)
                continuation.resume()
            }
        }
    }

    fileprivate func send(_ message: ControlMessage, toProcess number: UInt32) {
        mailbox.post { [conversation] in
            conversation.value.guest?.send(message, about: number)
        }
    }

    fileprivate func wait(for number: UInt32) async throws -> ProcessExit {
        try await call { conversation, continuation in
            guard let guest = conversation.guest else { return continuation.resume(throwing: Self.ended) }
            guest.table.wait(number) { continuation.resume(with: $0) }
        }
    }

    private static var ended: HelperError { HelperError(.machineGone, "the VM has ended") }

    private func call<Value: Sendable>(
        _ body: @escaping @Sendable (GuestConversation, CheckedContinuation<Value, any Error>) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            mailbox.post { [conversation] in body(conversation.value, continuation) }
        }
    }
}

/// A program of the guest.
private struct ChannelProcess: GuestProcess {
    let pid: Int32
    let number: UInt32
    let channel: GuestChannel

    func signal(_ signal: GuestSignal, scope: SiloProtocol.SignalScope) async throws {
        channel.send(
            .signal(process: number, number: signal.number, scope: ControlMessage.SignalScope(scope)),
            toProcess: number)
    }

    func resize(rows: UInt16, columns: UInt16) async throws {
        channel.send(.resize(process: number, rows: rows, columns: columns), toProcess: number)
    }

    func wait() async throws -> ProcessExit { try await channel.wait(for: number) }
}
