import SiloProtocol
import Testing

@testable import SiloQEMU

@Suite struct EmulatedArchitectureTests {
    @Test func theProgramsNameTells() {
        #expect(Architecture(emulatedBy: ["/usr/bin/qemu-system-aarch64"]) == .arm64)
        #expect(Architecture(emulatedBy: ["/lib/ld.so", "--library-path", "/l", "/x/qemu-system-x86_64"]) == .x86)
        #expect(Architecture(emulatedBy: ["/opt/qemu-kvm", "-L", "/qemu-system"]) == .current)
    }
}
