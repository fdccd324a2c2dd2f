import SiloProtocol

extension Architecture {
    /// Of the machines that a QEMU command makes, by its program's name; this host's own where the name tells nothing.
    /// A QEMU of another processor's is slow, and the way to run that processor's guests.
    init(emulatedBy command: [String]) {
        // Behind a dynamic linker or another program the name is a later word.
        let names = command.map { $0.split(separator: "/").last ?? "" }
        if names.contains(where: { $0.hasPrefix("qemu-system-aarch64") }) {
            self = .arm64
        } else if names.contains(where: { $0.hasPrefix("qemu-system-x86_64") }) {
            self = .x86
        } else {
            self = .current
        }
    }
}
