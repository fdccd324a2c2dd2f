import CSilo
import SiloIO

/// The virtio-serial port that leads to the helper.
enum AgentPort {
    /// The port's name as the hypervisor was told.
    static let name = Array("silo.agent".utf8)
    private static let devices: Path = "/sys/class/virtio-ports"
    /// How long the host's side may take to be open. It is from the start, unless the helper was killed in the moment
    /// in which it started the machine: then nobody will ever come, and the machine has to end by itself.
    private static let hostLimitMilliseconds = 20_000

    /// Waits for the port, opens it without blocking, and waits until the host has it open.
    static func open(waitingMilliseconds: Int = 10_000) throws(SystemError) -> Int32 {
        let deadline = Reactor.now() + UInt64(waitingMilliseconds) * 1_000_000
        while true {
            if let device = find() {
                let fd = device.withCString { silo_open($0, O_RDWR | O_NONBLOCK | O_NOCTTY, 0) }
                if fd >= 0 {
                    awaitHost(fd)
                    return fd
                }
                guard errno == ENOENT, Reactor.now() < deadline else { throw SystemError("open \(device)") }
            }
            // Ports appear by messages of the host, some time after the driver is loaded.
            guard Reactor.now() < deadline else {
                throw SystemError("find the virtio-serial port \"silo.agent\"", errno: ENXIO)
            }
            usleep(1000)
        }
    }

    private static func find() -> Path? {
        for port in Files.names(in: devices) where Files.line(devices / port / "name") == name {
            return "/dev" / port
        }
        return nil
    }

    /// Until the host's side is open the port reads as hung up, which afterwards means that the helper is gone.
    private static func awaitHost(_ fd: Int32) {
        let deadline = Reactor.now() + UInt64(hostLimitMilliseconds) * 1_000_000
        var state = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
        while poll(&state, 1, 0) >= 0, Int32(state.revents) & Int32(POLLHUP) != 0, Reactor.now() < deadline {
            usleep(2000)
        }
    }
}
