import CSilo
import SiloIO

/// The machine's console: the last resort for what the wire cannot carry.
enum Console {
    /// Writes a line to /dev/console; where there is none, to standard error.
    static func say(_ text: String) {
        let line = Array("silo-guest: \(text)\n".utf8)
        let fd = silo_open("/dev/console", O_WRONLY | O_NOCTTY, 0)
        line.withUnsafeBytes { _ = IO.write(fd >= 0 ? fd : 2, $0) }
        if fd >= 0 { close(fd) }
    }
}
