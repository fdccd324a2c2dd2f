import CSilo
import SiloIO
import SiloWire

/// What stands in for a network card: a proxy port, a DNS server, and TCP to every address of 198.18.0.0/15. The agent
/// decides nothing: each connection is a stream to the host, which reads and judges it.
///
/// Only made when the configuration says so. Nothing here is needed before CONFIGURE.
final class GuestNetwork {
    private let streams: StreamOpener
    private var listeners: [StreamListener] = []
    private var dns: DatagramRelay?
    private var capture: Int32 = -1

    /// What works less well than it should.
    private(set) var notice: String?

    /// Throws if the proxy or DNS cannot be served.
    init(streams: StreamOpener) throws(SystemError) {
        self.streams = streams
        let loopback = GuestNetworkPlan.loopback
        try listen(loopback, GuestNetworkPlan.proxyPort) { _ in .proxy }
        try listen(loopback, GuestNetworkPlan.dnsPort) { _ in .dns }
        dns = try DatagramRelay(streams: streams, address: loopback, port: GuestNetworkPlan.dnsPort)
        do throws(SystemError) {
            try serveAddresses()
        } catch {
            notice = "\(error): programs that know no proxy have no network in this run"
        }
    }

    /// One listener gets the connections to all addresses and ports of the range; what its end of a connection is
    /// called says where the program wanted to go.
    private func serveAddresses() throws(SystemError) {
        let interface = GuestNetworkPlan.directInterface
        let prefix = Int32(GuestNetworkPlan.directPrefix)
        guard silo_loopback_address(interface.value, prefix) == 0 else { throw SystemError("add \(interface) to lo") }
        let listener = try listen(GuestNetworkPlan.loopback, 0) { fd in
            var address: UInt32 = 0
            var port: UInt16 = 0
            guard silo_local_address(fd, &address, &port) == 0, IPv4Address(value: address).isDirect else { return nil }
            return .direct(address: IPv4Address(value: address), port: port)
        }
        capture = silo_capture_tcp(listener.fd, GuestNetworkPlan.directNetwork.value, prefix)
        guard capture >= 0 else { throw SystemError("capture connections to \(GuestNetworkPlan.directNetwork)") }
    }

    @discardableResult
    private func listen(
        _ address: IPv4Address, _ port: UInt16, _ opening: @escaping (Int32) -> StreamOpening?
    ) throws(SystemError) -> StreamListener {
        let listener = try StreamListener(streams: streams, address: address, port: port, opening: opening)
        listeners.append(listener)
        return listener
    }
}

extension IPv4Address {
    /// Whether it is one of the range that the agent serves.
    var isDirect: Bool {
        value & ~0 << UInt32(32 - GuestNetworkPlan.directPrefix) == GuestNetworkPlan.directNetwork.value
    }
}
