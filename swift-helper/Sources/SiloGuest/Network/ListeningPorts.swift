import CSilo
import SiloIO
import SiloWire

/// Finds the TCP ports on which programs of the guest wait for connections, by a look at the kernel's tables once a
/// second. Ports that were there before it began are the machine's own, and one that is gone at the next look is nobody's
/// server.
final class ListeningPorts {
    private static let periodMilliseconds = 1_000
    private static let tables: [Path] = ["/proc/net/tcp", "/proc/net/tcp6"]

    private let port: WirePort
    private let own: Set<UInt16>
    private var last: Set<UInt16> = []
    private var told: Set<UInt16> = []

    init(port: WirePort) {
        self.port = port
        own = Self.current()
        look()
    }

    private func look() {
        _ = port.reactor.after(milliseconds: Self.periodMilliseconds) { [weak self] in
            guard let self else { return }
            let now = Self.current().subtracting(own)
            let lasting = now.intersection(last.union(told))
            last = now
            if lasting != told {
                told = lasting
                port.send(.listening(ports: Array(lasting.sorted().prefix(WireLimits.listeningPorts))))
            }
            look()
        }
    }

    private static func current() -> Set<UInt16> {
        tables.reduce(into: []) { ports, table in
            if let text = Files.read(table) { ports.formUnion(listening(in: text)) }
        }
    }

    /// The ports in a table of the kernel (Linux's Documentation/networking/proc_net_tcp.rst) that are reached from
    /// loopback. An address is in the machine's byte order, four bytes at a time.
    static func listening(in table: [UInt8]) -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for line in table.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 4)
            guard fields.count == 5, fields[3].elementsEqual("0A".utf8) else { continue }
            let local = fields[1].split(separator: UInt8(ascii: ":"))
            guard local.count == 2, isLoopbackOrAny(String(decoding: local[0], as: UTF8.self)) else { continue }
            if let port = UInt16(String(decoding: local[1], as: UTF8.self), radix: 16) { ports.insert(port) }
        }
        return ports
    }

    private static func isLoopbackOrAny(_ address: String) -> Bool {
        address.allSatisfy { $0 == "0" } || address == "0100007F" || address == "00000000000000000000000001000000"
            || address == "0000000000000000FFFF00000100007F"
    }
}
