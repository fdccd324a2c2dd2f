import SiloProtocol

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The helper protocol on two descriptors.
public final class HelperServer: Sendable {
    /// What an orderly end may take, in seconds; a machine stops within two.
    private static let graceSeconds: UInt32 = 3

    private let session: HelperSession
    private let output: MessageWriter

    public init(driver: any MachineDriver, version: String, output descriptor: Int32) {
        let output = MessageWriter(descriptor)
        self.output = output
        session = HelperSession(driver: driver, version: version) { output.write($0) }
    }

    /// Takes messages from `input` until it ends, cannot be read on, or the session is over. Blocks its thread.
    /// Afterwards the VM is gone.
    public func run(input: Int32) {
        let (bodies, continuation) = AsyncStream<[UInt8]>.makeStream()
        let over = Latch()
        Task { [session] in
            for await body in bodies where await session.receive(body) == .exit { break }
            await session.close()
            over.open()
        }
        Thread.detach {
            Self.read(input) { continuation.yield($0) }
            continuation.finish()
            Self.insistOnEnd()
        }
        over.wait()
    }

    /// Ends the VM; for a thread that got a signal. Afterwards the process may exit.
    public func stop() {
        Self.insistOnEnd()
        let over = Latch()
        Task { [session] in
            await session.close()
            over.open()
        }
        over.wait()
    }

    /// Whatever hangs, the helper does not outlive its CLI: QEMU dies with it.
    private static func insistOnEnd() {
        Thread.detach {
            sleep(graceSeconds)
            _exit(1)
        }
    }

    private static func read(_ input: Int32, _ deliver: ([UInt8]) -> Void) {
        var decoder = MessageDecoder()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { systemRead(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            decoder.append(buffer[..<count])
            do {
                while let body = try decoder.next() { deliver(body) }
            } catch {
                // Where the next message begins is not known any more.
                let line = "silo-helper: cannot read the messages on its standard input: \(error)\n"
                _ = line.withCString { write(2, $0, strlen($0)) }
                return
            }
        }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
