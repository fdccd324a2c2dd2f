import CSilo
import SiloIO
import SiloWire

/// The agent in a machine that another init has booted (Apple's vminitd): it dials the helper over vsock and starts
/// the tools, so that they meet the same supervisor, terminals and signals as under the agent's own init.
public enum GuestBridge {
    /// The host's address in every vsock.
    private static let hostCID: UInt32 = 2
    /// What vminitd mounts into each container that has an init. Anywhere else the bridge would write a stranger's
    /// /etc.
    private static let mark: Path = "/.cz-init"

    /// Never returns. What goes wrong before the wire is up is said on standard error, and the exit code is 1.
    public static func run(port number: UInt32) -> Never {
        silo_ignore_sigpipe()
        do {
            guard Files.type(of: mark) != nil else {
                throw SystemError("find \(mark): this is no container of silo's", errno: ENOENT)
            }
            let fd = silo_vsock_connect(hostCID, number)
            guard fd >= 0 else { throw SystemError("dial the helper at vsock port \(number)") }
            try serve(fd)
        } catch {
            Console.say("\(error)")
        }
        exit(1)
    }

    /// What that machine's init runs so that the machine stays: nothing, until a signal ends it. Never returns.
    public static func hold() -> Never {
        while true { pause() }
    }

    /// Serves a helper until it hangs up.
    static func serve(_ fd: Int32) throws(SystemError) -> Never {
        _ = silo_set_nonblocking(fd, 1)
        let reactor = try Reactor()
        let port = WirePort(fd: fd, multiplexer: Multiplexer(role: .guest), reactor: reactor)
        let agent = Agent(port: port, role: .bridge) { exit(0) }
        try agent.reapChildren()
        agent.greet()
        withExtendedLifetime(agent) { reactor.run() }
        exit(1)
    }
}
