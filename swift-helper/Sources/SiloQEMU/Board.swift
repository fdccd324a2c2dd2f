import SiloProtocol

/// What the devices of a machine are plugged into.
enum Board: Equatable, Sendable {
    /// A PC with PCI.
    case q35
    /// A PC without PCI and without a timer to calibrate the processor's counter by: half the state, no address windows
    /// to map, and 15 ms less for a restore under emulation. The kernel is told how fast the counter counts; left to
    /// itself it hangs in one cold boot of six.
    case microvm(counterKHz: Int)
    /// Of arm64.
    case virt

    /// - Parameter counterKHz: nil if the host's own counter is not to be relied on.
    init(_ architecture: Architecture, _ accelerator: AcceleratorName, counterKHz: Int?) {
        switch (architecture, accelerator, counterKHz) {
        case (.arm64, _, _): self = .virt
        // With KVM the guest has a clock of the hypervisor's, and nobody has measured what another board would gain.
        case (.x86, .tcg, let counterKHz?) where Architecture.current == .x86: self = .microvm(counterKHz: counterKHz)
        case (.x86, _, _): self = .q35
        }
    }

    var architecture: Architecture { self == .virt ? .arm64 : .x86 }

    /// The same for machines whose counters differ by no more than a measurement does.
    var rounded: Board {
        guard case .microvm(let counterKHz) = self else { return self }
        return .microvm(counterKHz: (counterKHz + 500) / 1_000 * 1_000)
    }

    /// `-M` and what belongs to it. Without a clock of the board's the kernel would wait for one twice, a second each.
    var arguments: [String] {
        switch self {
        case .q35: ["-M", "q35,usb=off,sata=off,smbus=off,vmport=off,memory-backend=ram"]
        case .microvm:
            [
                "-M", "microvm,acpi=on,ioapic2=on,rtc=on,x-option-roms=off,memory-backend=ram",
                "-global", "virtio-mmio.force-legacy=false",
            ]
        case .virt: ["-M", "virt,memory-backend=ram"]
        }
    }

    /// `virtio-blk-` and this is the name of a disk's device.
    var virtioSuffix: String {
        if case .microvm = self { "device" } else { "pci" }
    }

    /// Of the kernel's command line.
    var kernelWords: [String] {
        switch self {
        case .virt: ["console=ttyAMA0"]
        case .q35: Self.pcWords
        case .microvm(let counterKHz): Self.pcWords + ["tsc=reliable", "tsc_early_khz=\(counterKHz)"]
        }
    }

    /// reboot=t: a triple fault ends QEMU at once. No keyboard controller is there to be waited for. no_timer_check: on a
    /// host so busy that QEMU gets no turn in the 40 ms in which the kernel counts ticks, it would take the timer for
    /// broken and panic.
    private static let pcWords = ["console=ttyS0", "reboot=t", "i8042.noprobe", "8250.nr_uarts=1", "no_timer_check"]
}

extension Board {
    static let microvmSubject = "microvm"

    /// The best board that works on this host, as far as it is known.
    static func choose(_ architecture: Architecture, _ accelerator: AcceleratorName, _ memory: HostMemory) -> Board {
        let isDistrusted = memory.recall(microvmSubject)?.works == false
        let counterKHz = isDistrusted ? nil : TimeStampCounter.kHz(memory)
        return Board(architecture, accelerator, counterKHz: counterKHz)
    }

    /// A guest did not come up with it: nothing tries it until the host boots again.
    static func distrustMicrovm(_ reason: String, _ memory: HostMemory) {
        memory.remember(microvmSubject, .init(works: false, reason: reason))
    }
}
