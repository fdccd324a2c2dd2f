import SiloProtocol

/// A container as the driver wants it: plain data, made of a `MachineSpec`. The framework mounts outer paths first.
public struct ContainerPlan: Sendable, Equatable {
    /// A directory of the host, or a single file: of that its whole directory is shown to the VM, out of the
    /// container's sight, so that there is nothing else in it.
    public struct Share: Sendable, Equatable {
        public var source: String
        public var destination: String
        public var readOnly: Bool
    }

    /// A file system in the guest's memory.
    public struct MemoryMount: Sendable, Equatable {
        public var destination: String
        public var options: [String]
    }

    /// At most 64 bytes of `[a-z0-9-]`: it becomes a path in the guest.
    public var id: String
    /// An uncompressed arm64 Image.
    public var kernel: String
    /// Attached read-only, so that all runs may have the same.
    public var initFileSystem: String
    /// Attached for writing, also under a read-only mount: always this run's own clone.
    public var rootfs: String
    /// An empty ext4 that takes what is written to the root, as an overlay; nil: the root does.
    public var scratch: String?
    public var bootLog: String
    public var cpus: Int
    public var memoryMiB: Int
    public var hostname: String
    public var shares: [Share]
    public var memoryMounts: [MemoryMount]
    /// The first process: does nothing but wait, so that a tool that cannot be started leaves the VM alive.
    public var initArguments: [String]
    /// The agent's program, started by `exec`.
    public var agentArguments: [String]
    /// What the agent may do beside what containers may in any case, by the kernel's names.
    public var agentCapabilities: [String]
}

extension ContainerPlan {
    /// Where the guest finds the agent. Not below /run: that is covered by a file system in memory.
    static let agentDirectory = "/.silo"
    static let agent = "\(agentDirectory)/silo-guest"
    /// Away from vminitd's own port (1024) and from those that the library hands out (from 0x1000_0000).
    static let port: UInt32 = 5_000
    /// The loopback's further addresses, and the program that leads connections to all of them to one listener. Not
    /// CAP_SYS_ADMIN: who has it could mount the VM's one device of shares as a whole, with what is covered.
    static let capabilities = ["CAP_NET_ADMIN", "CAP_BPF"]

    /// No network interface, no resolver, no relayed sockets, no nested virtualization: the type has no place for them.
    init(_ spec: MachineSpec, files: RunFiles, covers: [Cover], id: String) {
        self.id = id
        kernel = spec.kernel.path
        initFileSystem = spec.kernel.initrd
        rootfs = files.rootfs
        scratch = spec.apple?.scratchMiB == nil ? nil : files.scratch
        bootLog = files.bootLog
        cpus = spec.cpus
        memoryMiB = spec.memoryMiB
        hostname = spec.guest.hostname
        let given = spec.shares.flatMap { share in
            guard let files = share.files else {
                return [Share(source: share.hostPath, destination: share.guestPath, readOnly: share.readOnly)]
            }
            return files.map {
                Share(source: "\(share.hostPath)/\($0.name)", destination: $0.guestPath, readOnly: share.readOnly)
            }
        }
        let hidden = covers.enumerated().filter { !$0.element.isDirectory }.map {
            Share(source: files.cover($0.offset), destination: $0.element.path, readOnly: false)
        }
        // Outer paths first: a share may lie inside another.
        let depth = { (share: Share) in share.destination.split(separator: "/").count }
        shares = (given + hidden).enumerated().sorted { first, second in
            let (a, b) = (depth(first.element), depth(second.element))
            return a == b ? first.offset < second.offset : a < b
        }.map(\.element)
        shares.append(Share(source: files.agentDirectory, destination: Self.agentDirectory, readOnly: true))
        memoryMounts = [MemoryMount(destination: "/run", options: ["nosuid", "nodev", "mode=755"])]
        let user = spec.guest.user
        memoryMounts += covers.filter(\.isDirectory).map {
            MemoryMount(
                destination: $0.path, options: ["nosuid", "nodev", "mode=755", "uid=\(user.uid)", "gid=\(user.gid)"])
        }
        initArguments = [Self.agent, "hold"]
        agentArguments = [Self.agent, "bridge", String(Self.port)]
        agentCapabilities = Self.capabilities
    }
}
