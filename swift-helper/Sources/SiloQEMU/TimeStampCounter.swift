import CSiloHost
import SiloIO

/// How fast the processor's time stamp counter counts, which an emulated x86 processor passes on to its guest.
enum TimeStampCounter {
    private static let subject = "counter"
    /// Clocks of the kernel's that are the counter itself.
    private static let clocksOfIt = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page"]
    private static let clockFile = "/sys/devices/system/clocksource/clocksource0/current_clocksource"

    /// kHz; nil if this processor has none, or if the kernel itself does not rely on it. Measured once per boot of the
    /// host, which takes 20 ms.
    static func kHz(_ memory: HostMemory) -> Int? {
        if let known = memory.recall(subject) { return known.works ? Int(known.reason) : nil }
        let clock = HostMemory.read(clockFile, limit: 64)?.split(separator: "\n").first.map(String.init) ?? "none"
        let kHz = clocksOfIt.contains(clock) ? Int(silo_tsc_khz()) : 0
        memory.remember(subject, .init(works: kHz > 0, reason: kHz > 0 ? "\(kHz)" : "the kernel's clock is \(clock)"))
        return kHz > 0 ? kHz : nil
    }
}
