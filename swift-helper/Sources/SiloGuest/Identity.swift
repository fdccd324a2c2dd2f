import CSilo
import SiloIO
import SiloWire

/// Who this machine is: its name, and what no other machine has, clock and randomness and id.
enum Identity {
    private static let machineID: Path = "/etc/machine-id"

    /// Before any user code runs, since a machine that comes out of a snapshot has those of its template.
    static func refresh(_ configuration: Configuration) throws(SystemError) {
        guard silo_set_clock(configuration.clockNanoseconds) == 0 else { throw SystemError("set the clock") }
        let added = configuration.entropy.withUnsafeBytes { silo_add_entropy($0.baseAddress, $0.count) }
        guard configuration.entropy.isEmpty || added == 0 else { throw SystemError("add entropy") }
    }

    /// The kernel's part of what the name is, and the loopback interface.
    static func name(_ base: BaseConfiguration) throws(SystemError) {
        let named = base.hostname.withUnsafeBytes {
            silo_set_hostname($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard named == 0 else { throw SystemError("set the hostname") }
        guard silo_loopback_up() == 0 else { throw SystemError("bring up the loopback interface") }
    }

    /// The files that say so, in the new root.
    static func writeFiles(_ base: BaseConfiguration) throws(SystemError) {
        let name = base.hostname
        let newline = [UInt8(ascii: "\n")]
        try Files.makeDirectories("/etc")
        try Files.write("/etc/hostname", name + newline, replacing: true)
        let hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t"
        try Files.write("/etc/hosts", Array(hosts.utf8) + name + newline, replacing: true)
        // An image may carry the resolver of the machine that built it, or a link to a service that does not run here.
        let resolver = base.hasNetwork ? "nameserver \(GuestNetworkPlan.loopback)\n" : ""
        try Files.write("/etc/resolv.conf", Array(resolver.utf8), replacing: true)
        try Files.write(machineID, newline, mode: 0o444, replacing: true)
    }

    /// Into the file that `writeFiles` has made: no link of the image's leads elsewhere any more.
    static func write(machineID id: [UInt8]) throws(SystemError) {
        try Files.write(machineID, hex(id) + [UInt8(ascii: "\n")])
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

    /// The file's one page, mapped and dirty: a restored machine gets its own id by a copy of 33 bytes, where the file
    /// system's work would take it 15 ms.
    static func mapMachineID() throws(SystemError) -> MappedFile {
        try write(machineID: [UInt8](repeating: 0, count: 16))
        return try MappedFile(machineID, count: 33)
    }

    static func write(machineID id: [UInt8], to file: MappedFile) { file.write(hex(id)) }

    private static func hex(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
