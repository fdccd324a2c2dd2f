import CSiloHost
import SiloIO
import SiloProtocol

/// Whether KVM can be used. `/dev/kvm` alone says little: it may be there, open, and hang every guest.
struct AcceleratorProbe {
    static let kvmSubject = "kvm"
    /// How long the one-instruction VM may take; it needs about a millisecond where KVM works.
    private static let smokeTestMs: Int32 = 500

    var architecture: Architecture
    var memory: HostMemory

    static let tcg = AcceleratorReport(
        name: .tcg, usable: true, reason: "software emulation needs nothing of the host, and is slow")

    /// Takes under a second; once per boot of the host more than a millisecond.
    func kvm() -> AcceleratorReport {
        let finding = look()
        return AcceleratorReport(name: .kvm, usable: finding.works, reason: finding.reason)
    }

    /// A guest did not come up with KVM: nothing else tries it until the host boots again.
    func distrustKVM(_ reason: String) {
        memory.remember(Self.kvmSubject, .init(works: false, reason: reason))
    }

    private func look() -> HostMemory.Finding {
        if architecture == .x86,
            let reason = Self.objection(cpuinfo: HostMemory.read("/proc/cpuinfo", limit: 16_384) ?? "")
        {
            return .init(works: false, reason: reason)
        }
        if let reason = Self.objectionToDevice("/dev/kvm") { return .init(works: false, reason: reason) }
        if let known = memory.recall(Self.kvmSubject) { return known }
        let finding = Self.smokeTest()
        memory.remember(Self.kvmSubject, finding)
        return finding
    }

    /// What in `/proc/cpuinfo` speaks against KVM on x86, or nil.
    static func objection(cpuinfo: String) -> String? {
        let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("flags") }
        let flags = line?.split(separator: ":", maxSplits: 1).last?.split(separator: " ") ?? []
        if flags.contains("vmx") || flags.contains("svm") { return nil }
        return "the CPU has neither the vmx nor the svm flag: hardware virtualization is switched off in the firmware,"
            + " or this is a VM that does not get it passed on"
    }

    private static func objectionToDevice(_ path: String) -> String? {
        let device = open(path, O_RDWR | O_CLOEXEC)
        if device >= 0 {
            _ = close(device)
            return nil
        }
        switch errno {
        case ENOENT: return "\(path) does not exist: the kernel's kvm module is not loaded"
        case EACCES, EPERM: return "no permission to open \(path): add yourself to the group that owns it (kvm)"
        default: return SystemError("open \(path)").description
        }
    }

    private static func smokeTest() -> HostMemory.Finding {
        var number: Int32 = 0
        switch silo_kvm_probe(smokeTestMs, &number) {
        case SILO_KVM_WORKS: return .init(works: true, reason: "a test VM ran")
        case SILO_KVM_HANGS:
            return .init(works: false, reason: "a test VM of one instruction did not end within \(smokeTestMs) ms")
        case SILO_KVM_MISBEHAVES: return .init(works: false, reason: "a test VM of one instruction did not run it")
        default: return .init(works: false, reason: "a test VM could not be made: \(SystemError.text(of: number))")
        }
    }
}
