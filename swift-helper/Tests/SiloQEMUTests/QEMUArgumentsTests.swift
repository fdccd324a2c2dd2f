import SiloProtocol
import Testing

@testable import SiloQEMU

/// A machine with everything in it.
func exampleSpec() throws -> MachineSpec {
    let json = """
        {"runDirectory": "/run/r", "dataSocket": "/run/r/data",
         "kernel": {"path": "/m/vmlinux", "initrd": "/m/initrd"}, "rootfs": {"path": "/m/root.ext4"},
         "scratch": {"directory": "/s", "sizeMiB": 64, "template": "/m/scratch.ext4"},
         "cpus": 2, "memoryMiB": 1024,
         "shares": [{"tag": "w", "hostPath": "/home/me/a,b", "guestPath": "/workspace", "readOnly": false},
                    {"tag": "c", "hostPath": "/cache", "guestPath": "/c", "readOnly": true}],
         "guest": {"hostname": "h", "workspace": "/workspace",
                   "user": {"uid": 1, "gid": 2, "name": "silo", "home": "/home/silo", "shell": "/bin/sh"}},
         "boot": {"timeoutMs": 1000, "attempts": 2},
         "linux": {"qemu": ["/usr/bin/qemu"], "accelerator": "auto", "stateDirectory": "/state"}}
        """
    return try JSONCoding.decode(MachineSpec.self, from: Array(json.utf8))
}

@Suite struct QEMUArgumentsTests {
    private func arguments(
        _ accelerator: AcceleratorName = .tcg, _ board: Board = .q35, scratch: Int32? = 13
    ) throws -> [String] {
        QEMUArguments(
            spec: try exampleSpec(), board: board, accelerator: accelerator,
            descriptors: .init(agent: 10, console: 11, rootfs: 12, scratch: scratch), emptyDirectory: "/run/r/empty"
        ).list
    }

    @Test func theWholeCommandLine() throws {
        let shares = (0..<2).flatMap { slot in
            let path = slot == 0 ? "/home/me/a,,b" : slot == 1 ? "/cache" : "/run/r/empty"
            return [
                "-fsdev",
                "local,id=share\(slot),path=\(path),security_model=none,multidevs=remap,"
                    + "readonly=\(slot == 0 ? "off" : "on")",
                "-device", "virtio-9p-pci,fsdev=share\(slot),mount_tag=share\(slot)",
            ]
        }
        let before = [
            "-name", "silo", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
            "-M", "q35,usb=off,sata=off,smbus=off,vmport=off,memory-backend=ram",
            "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max,-erms,-fsrm,-la57,-smap", "-smp", "2",
            "-m", "1024M", "-object", "memory-backend-ram,id=ram,size=1024M,merge=off,dump=off",
            "-chardev", "socket,id=console,fd=11", "-serial", "chardev:console",
            "-add-fd", "fd=12,set=1",
            "-blockdev",
            "driver=raw,node-name=root,read-only=on,file.driver=file,file.filename=/dev/fdset/1,file.locking=off",
            "-device", "virtio-blk-pci,drive=root,serial=root",
            "-add-fd", "fd=13,set=2",
            "-blockdev",
            "driver=raw,node-name=scratch,discard=unmap,cache.no-flush=on,auto-read-only=off,"
                + "file.driver=file,file.filename=/dev/fdset/2,file.locking=off,"
                + "file.discard=unmap,file.cache.no-flush=on,file.auto-read-only=off",
            "-device", "virtio-blk-pci,drive=scratch,serial=scratch",
        ]
        let after = [
            "-device", "virtio-serial-pci,max_ports=2", "-chardev", "socket,id=agent,fd=10",
            "-device", "virtserialport,chardev=agent,name=silo.agent",
            "-object", "rng-builtin,id=rng", "-device", "virtio-rng-pci,rng=rng",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-kernel", "/m/vmlinux", "-initrd", "/m/initrd", "-append",
            "quiet panic=-1 rdinit=/init console=ttyS0 reboot=t i8042.noprobe 8250.nr_uarts=1 no_timer_check "
                + "clearcpuid=rep_good mitigations=off "
                + "random.trust_cpu=on",
        ]
        #expect(try arguments() == before + shares + after)
    }

    @Test func templatesAndClonesDifferInMemoryAndControlAlone() throws {
        func list(_ memory: QEMUArguments.Memory) throws -> [String] {
            QEMUArguments(
                spec: try exampleSpec(), board: .q35, accelerator: .tcg,
                descriptors: .init(agent: 10, console: 11, rootfs: 12, scratch: 13, control: 14),
                emptyDirectory: "/run/r/empty", memory: memory
            ).list
        }
        let (template, clone) = (try list(.template(file: "/s/memory")), try list(.clone(file: "/s/memory")))
        #expect(
            Set(clone).subtracting(template) == [
                "memory-backend-file,id=ram,size=1024M,merge=off,dump=off,mem-path=/s/memory,share=off,reserve=off",
                "-incoming", "defer",
            ])
        #expect(template.contains("-kernel") && !clone.contains("-kernel"))
        let own = try list(.own)
        #expect(template.filter { $0.contains("device") } == own.filter { $0.contains("device") })
        let control = ["socket,id=control,fd=14", "chardev=control,mode=control"]
        #expect(control.allSatisfy { template.contains($0) && !own.contains($0) })
    }

    @Test func translationsAreReadByNameAndWrittenByDescriptor() throws {
        func list(_ translations: String?, _ descriptor: Int32?) throws -> [String] {
            QEMUArguments(
                spec: try exampleSpec(), board: .microvm(counterKHz: 1), accelerator: .tcg,
                descriptors: .init(agent: 10, console: 11, rootfs: 12, control: 14, translations: descriptor),
                emptyDirectory: "/e", memory: .clone(file: "/s/memory"), translations: translations
            ).list
        }
        #expect(try list("/s,/t", nil).contains("tcg,thread=multi,tb-size=256,load-translations=/s,,/t"))
        let saving = try list(nil, 15)
        #expect(saving.contains("tcg,thread=multi,tb-size=256,save-translations=/dev/fdset/3"))
        #expect(saving.contains("fd=15,set=3"))
        #expect(try list(nil, nil).contains("tcg,thread=multi,tb-size=256"))
    }

    @Test func shareDevicesComeInClasses() throws {
        #expect((0...Limits.shares).map(QEMUArguments.shareSlots) == [2, 2, 2, 4, 4, 8, 8, 8, 8])
        #expect(try arguments().filter { $0.hasPrefix("virtio-9p-pci") }.count == 2)
    }

    @Test func kvmTakesTheHostsProcessor() throws {
        let list = try arguments(.kvm)
        #expect(list[list.firstIndex(of: "-accel")! + 1] == "kvm")
        #expect(list[list.firstIndex(of: "-cpu")! + 1] == "host")
    }

    @Test func armHasItsOwnBoardAndConsole() throws {
        let list = try arguments(.tcg, .virt)
        #expect(list[list.firstIndex(of: "-M")! + 1] == "virt,memory-backend=ram")
        #expect(list.last?.contains(" console=ttyAMA0 ") == true)
        #expect(list.last?.contains("reboot=t") == false)
    }

    @Test func theSmallBoardHasNoPCIAndIsToldItsCounter() throws {
        let list = try arguments(.tcg, .microvm(counterKHz: 2_400_001))
        #expect(list[list.firstIndex(of: "-M")! + 1].hasPrefix("microvm,"))
        #expect(!list.contains { $0.contains("-pci") })
        #expect(list.contains("virtio-9p-device,fsdev=share0,mount_tag=share0"))
        #expect(list.last?.contains(" tsc=reliable tsc_early_khz=2400001 ") == true)
    }

    @Test func theCopyOfARootIsWritable() throws {
        var spec = try exampleSpec()
        spec.scratch = nil
        spec.rootfs.copy = try JSONCoding.decode(
            MachineSpec.Copy.self, from: Array(#"{"path": "/b/new.ext4", "sizeMiB": 8192}"#.utf8))
        let list = QEMUArguments(
            spec: spec, board: .q35, accelerator: .tcg,
            descriptors: .init(agent: 10, console: 11, rootfs: 12, scratch: nil), emptyDirectory: "/run/r/empty"
        ).list
        let root = try #require(list.first { $0.contains("node-name=root") })
        #expect(!root.contains("read-only=on") && root.contains("discard=unmap,detect-zeroes=unmap"))
    }

    @Test func noScratchDiskWithoutOne() throws {
        #expect(try !arguments(scratch: nil).contains { $0.contains("scratch") || $0.contains("set=2") })
    }

    @Test func nothingHasANetworkOrAMonitor() throws {
        let list = try arguments()
        #expect(!list.contains { $0.contains("netdev") || $0.contains("-net-") || $0.contains("monitor") })
    }

    @Test func commasAreDoubled() {
        #expect(QEMUArguments.escape(",a,,b,") == ",,a,,,,b,,")
        #expect(QEMUArguments.escape("/a=b") == "/a=b")
    }
}
