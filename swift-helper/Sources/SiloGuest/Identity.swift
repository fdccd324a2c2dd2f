import CSilo
import SiloIO
import SiloWire

/// What makes this machine itself: clock, randomness, name. Before any user code runs, since a machine that comes out
/// of a snapshot has those of its template.
enum Identity {
    /// Clock and entropy, before the root is there.
    static func refresh(_ configuration: Configuration) throws(SystemError) {
        guard silo_set_clock(configuration.clockNanoseconds) == 0 else { throw SystemError("set the clock") }
        let added = configuration.entropy.withUnsafeBytes { silo_add_entropy($0.baseAddress, $0.count) }
        guard configuration.entropy.isEmpty || added == 0 else { throw SystemError("add entropy") }
        let named = configuration.hostname.withUnsafeBytes {
            silo_set_hostname($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard named == 0 else { throw SystemError("set the hostname") }
        guard silo_loopback_up() == 0 else { throw SystemError("bring up the loopback interface") }
    }

    /// The files that say so, in the new root.
    static func writeFiles(_ configuration: Configuration) throws(SystemError) {
        let name = configuration.hostname
        let newline = [UInt8(ascii: "\n")]
        try Files.makeDirectories("/etc")
        try Files.write("/etc/hostname", name + newline, replacing: true)
        let hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t"
        try Files.write("/etc/hosts", Array(hosts.utf8) + name + newline, replacing: true)
        // An image may carry the resolver of the machine that built it, or a link to a service that does not run here.
        let resolver = configuration.hasNetwork ? "nameserver \(GuestNetworkPlan.loopback)\n" : ""
        try Files.write("/etc/resolv.conf", Array(resolver.utf8), replacing: true)
        try Files.write("/etc/machine-id", hex(configuration.machineID) + newline, mode: 0o444, replacing: true)
    }

    /// Kernel settings; a name that the kernel does not have is an error.
    static func apply(_ sysctls: [Configuration.Sysctl]) throws(SystemError) {
        for sysctl in sysctls {
            let name = sysctl.name.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "/") : $0 }
            let path = "/proc/sys" / name
            guard !path.components.contains(Array("..".utf8)), Files.type(of: path) != nil else {
                throw SystemError("find the kernel setting \(Path(sysctl.name))", errno: ENOENT)
            }
            try Files.write(path, sysctl.value)
        }
    }

    private static func hex(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
