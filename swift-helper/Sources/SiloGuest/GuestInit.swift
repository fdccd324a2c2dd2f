import CSilo
import SiloIO
import SiloWire

/// What PID 1 does from its first instruction to the end of the machine.
public enum GuestInit {
    /// Bytes that the virtio console driver takes in one write(2).
    private static let portWriteBytes = 32 << 10
    /// Reads of a port yield 4 KiB each: this many before other descriptors get their turn.
    private static let portReadsPerTurn = 64

    /// Never returns. What goes wrong before the wire is up is said on the console, and the machine goes off: the
    /// helper reports the console's tail.
    public static func run() -> Never {
        silo_ignore_sigpipe()
        do {
            try SystemMounts.prepareInitramfs()
            try? Files.write("/proc/self/oom_score_adj", Array("-1000".utf8))
            try KernelModules.load()
            KernelModules.removeFiles()
            let fd = try AgentPort.open()
            let reactor = try Reactor()
            let port = WirePort(
                fd: fd, multiplexer: Multiplexer(role: .guest), reactor: reactor, writeLimit: portWriteBytes,
                readsPerTurn: portReadsPerTurn)
            let agent = Agent(port: port) { end() }
            try agent.reapChildren()
            agent.greet()
            withExtendedLifetime(agent) { reactor.run() }
        } catch {
            Console.say("\(error)")
        }
        end()
    }

    /// Nothing is synced: all that this machine can write to and that outlives it belongs to the host.
    private static func end() -> Never {
        _ = silo_power_off()
        _ = silo_restart()
        exit(1)
    }
}
