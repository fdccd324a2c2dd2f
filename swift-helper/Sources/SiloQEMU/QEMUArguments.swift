import SiloProtocol
import SiloWire

/// The command line of one VM: a pure function of what it is made of.
///
/// Machines have the same devices, whatever a run needs of them: snapshots stay possible, and the guest finds everything
/// at the same place. Only the number of share devices has classes, since each takes a restore some milliseconds.
struct QEMUArguments {
    /// Descriptors that QEMU inherits.
    struct Descriptors {
        /// Connected sockets.
        var agent: Int32
        var console: Int32
        /// Read-only, unless the specification has a copy of it; writable or none.
        var rootfs: Int32
        var scratch: Int32?
        /// A connected socket for QEMU's control protocol (QMP); templates and clones only.
        var control: Int32?
        /// The device state that a clone starts from.
        var state: Int32?
        /// Where a clone's translations of guest code are written.
        var translations: Int32?

        var all: [Int32] {
            [agent, console, rootfs] + [scratch, control, state, translations].compactMap { $0 }
        }
    }

    /// Where the guest's memory is.
    enum Memory: Equatable {
        /// Nowhere else.
        case own
        /// In a file, which is the snapshot's when the machine is stopped.
        case template(file: String)
        /// In a template's file, copied page by page when it is written to.
        case clone(file: String)
    }

    var spec: MachineSpec
    var board: Board
    var accelerator: AcceleratorName
    var descriptors: Descriptors
    /// A directory for share devices that nobody uses.
    var emptyDirectory: String
    var memory = Memory.own
    /// The file of translations that a clone starts with; nil: none.
    var translations: String?

    /// Everything after the command's own words.
    var list: [String] {
        machine + memoryOptions + console + disks + shares + agent + snapshot + confinement + kernel
    }

    private var machine: [String] {
        [
            "-name", "silo", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
        ] + board.arguments + [
            "-accel", accelerator == .kvm ? "kvm" : "tcg,thread=multi,tb-size=256\(translationOptions)",
            "-cpu", cpu,
            "-smp", "\(spec.cpus)",
        ]
    }

    private var translationOptions: String {
        if descriptors.translations != nil { return ",save-translations=/dev/fdset/3" }
        // By its name: a descriptor could be made to write by whoever takes QEMU over, the jail's view of a file cannot.
        return translations.map { ",load-translations=\(Self.escape($0))" } ?? ""
    }

    /// Under emulation QEMU runs `rep movs` byte by byte, and every access checks for SMAP and a fifth page level: without
    /// these features the kernel copies by plain loops, ten times faster.
    private var cpu: String {
        switch (accelerator, board.architecture) {
        case (.kvm, _): "host"
        case (_, .x86): "max,-erms,-fsrm,-la57,-smap"
        case (_, .arm64): "max"
        }
    }

    private var memoryOptions: [String] {
        let size = "id=ram,size=\(spec.memoryMiB)M,merge=off,dump=off"
        let object =
            switch memory {
            case .own: "memory-backend-ram,\(size)"
            case .template(let file): "memory-backend-file,\(size),mem-path=\(Self.escape(file)),share=on"
            // reserve=off: fifty machines of 2 GiB that write to 30 MiB each are no reason to refuse the last.
            case .clone(let file): "memory-backend-file,\(size),mem-path=\(Self.escape(file)),share=off,reserve=off"
            }
        return ["-m", "\(spec.memoryMiB)M", "-object", object]
    }

    /// store-global-state=off: the state does not say that the template was stopped, so a clone goes on by itself.
    private var snapshot: [String] {
        guard memory != .own else { return [] }
        var list = ["-global", "migration.store-global-state=off"]
        if let control = descriptors.control {
            list += ["-chardev", "socket,id=control,fd=\(control)", "-mon", "chardev=control,mode=control"]
        }
        if let translations = descriptors.translations { list += ["-add-fd", "fd=\(translations),set=3"] }
        if case .clone = memory { list += ["-incoming", "defer"] }
        return list
    }

    /// A socket and not a file: the guest cannot fill the host's disk by printing.
    private var console: [String] {
        ["-chardev", "socket,id=console,fd=\(descriptors.console)", "-serial", "chardev:console"]
    }

    private var disks: [String] {
        var list = [
            "-add-fd", "fd=\(descriptors.rootfs),set=1",
            "-blockdev", "driver=raw,node-name=root,\(rootAccess),\(Self.file(set: 1))",
            "-device", "virtio-blk-\(board.virtioSuffix),drive=root,serial=root",
        ]
        if let scratch = descriptors.scratch {
            list += [
                "-add-fd", "fd=\(scratch),set=2",
                // no-flush: the disk ends with the VM, so nothing on it has to survive a power cut.
                "-blockdev",
                "driver=raw,node-name=scratch,discard=unmap,cache.no-flush=on,auto-read-only=off,\(Self.file(set: 2))"
                    + ",file.discard=unmap,file.cache.no-flush=on,file.auto-read-only=off",
                "-device", "virtio-blk-\(board.virtioSuffix),drive=scratch,serial=scratch",
            ]
        }
        return list
    }

    /// A copy that is kept is synced by whoever keeps it. What the guest writes as zeros stays a hole.
    private var rootAccess: String {
        guard spec.rootfs.copy != nil else { return "read-only=on" }
        return "discard=unmap,detect-zeroes=unmap,cache.no-flush=on,auto-read-only=off"
            + ",file.discard=unmap,file.cache.no-flush=on,file.auto-read-only=off"
    }

    /// An inherited descriptor as a block device's file. Locks would only be in the way: nobody else writes to either.
    private static func file(set: Int) -> String { "file.driver=file,file.filename=/dev/fdset/\(set),file.locking=off" }

    private var shares: [String] {
        (0..<Self.shareSlots(for: spec.shares.count)).flatMap { slot in
            let share = slot < spec.shares.count ? spec.shares[slot] : nil
            let path = Self.escape(share?.hostPath ?? emptyDirectory)
            let readOnly = share?.readOnly ?? true
            return [
                // multidevs=remap: files of two host file systems in one share must not have one inode number.
                "-fsdev",
                "local,id=share\(slot),path=\(path),security_model=none,multidevs=remap,readonly=\(readOnly ? "on" : "off")",
                "-device", "virtio-9p-\(board.virtioSuffix),fsdev=share\(slot),mount_tag=\(Self.tag(slot))",
            ]
        }
    }

    private var agent: [String] {
        [
            "-device", "virtio-serial-\(board.virtioSuffix),max_ports=2",
            "-chardev", "socket,id=agent,fd=\(descriptors.agent)",
            "-device", "virtserialport,chardev=agent,name=silo.agent",
            "-object", "rng-builtin,id=rng", "-device", "virtio-rng-\(board.virtioSuffix),rng=rng",
        ]
    }

    /// A clone's kernel is in its memory, and reading its file is of no use; on arm64 the board is made for a kernel.
    private var kernel: [String] {
        if case .clone = memory, board.architecture == .x86 { return [] }
        return ["-kernel", spec.kernel.path, "-initrd", spec.kernel.initrd, "-append", kernelCommandLine]
    }

    private var confinement: [String] {
        ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]
    }

    private var kernelCommandLine: String {
        var words = ["quiet", "panic=-1", "rdinit=/init"] + board.kernelWords
        // The kernel infers this one from the CPU's family (see `cpu`).
        if accelerator != .kvm, board.architecture == .x86 { words.append("clearcpuid=rep_good") }
        // The whole guest is one trust domain: it gains nothing from guarding its processes' caches from one another.
        words += ["mitigations=off", "random.trust_cpu=on"]
        return words.joined(separator: " ")
    }

    /// How many share devices a machine with that many shares has. Most runs have a project and a cache.
    static func shareSlots(for count: Int) -> Int { [2, 4].first { count <= $0 } ?? Limits.shares }

    /// As many shares, and nothing of the host's in them: what a template has, and what a snapshot's key knows of them.
    static func withoutContent(_ shares: [MachineSpec.Share], _ directory: String) -> [MachineSpec.Share] {
        shares.map { share in
            var share = share
            (share.hostPath, share.readOnly, share.files) = (directory, true, nil)
            return share
        }
    }

    /// The 9p mount tag of a share device.
    static func tag(_ slot: Int) -> String { "share\(slot)" }

    /// What the guest is told to mount.
    static func shares(_ spec: MachineSpec) -> [Configuration.Share] {
        let shares = spec.shares.enumerated().flatMap { slot, share in
            let files = share.files?.map { (Array($0.name.utf8), $0.guestPath) } ?? [([], share.guestPath)]
            return files.map { name, guestPath in
                Configuration.Share(
                    tag: Array(tag(slot).utf8), subpath: name, guestPath: Array(guestPath.utf8),
                    readOnly: share.readOnly)
            }
        }
        let covers = (spec.guest.covered ?? []).map {
            Configuration.Share(tag: [], guestPath: Array($0.utf8), readOnly: false)
        }
        // Without a project, as in a template, there is nothing to hide.
        return shares.isEmpty ? [] : shares + covers
    }

    /// In QEMU's option lists a comma is written twice.
    static func escape(_ value: String) -> String {
        value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
}
