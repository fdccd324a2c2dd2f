import SiloProtocol

/// A container as the driver wants it: plain data, made of a `MachineSpec` by `ContainerPlan.init(_:agent:files:)`.
public struct ContainerPlan: Sendable, Equatable {
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
    public var bootLog: String
    public var cpus: Int
    public var memoryMiB: Int
    public var hostname: String
    public var shares: [Share]
    public var memoryMounts: [MemoryMount]
    /// The first process: does nothing but wait, so that a tool that cannot be started leaves the VM alive.
    public var initArguments: [String]
}

extension ContainerPlan {
    /// Where the guest finds the agent. Not below /run: that is covered by a file system in memory.
    static let agentDirectory = "/.silo"
    static let agent = "\(agentDirectory)/silo-guest"
    /// Away from vminitd's own port (1024) and from those that the library hands out (from 0x1000_0000).
    static let port: UInt32 = 5_000

    /// No network interface, no resolver, no relayed sockets, no nested virtualization: the type has no place for them.
    init(_ spec: MachineSpec, files: RunFiles, id: String) {
        self.id = id
        kernel = spec.kernel.path
        initFileSystem = spec.kernel.initrd
        rootfs = files.rootfs
        bootLog = files.bootLog
        cpus = spec.cpus
        memoryMiB = spec.memoryMiB
        hostname = spec.guest.hostname
        // Outer paths first: a share may lie inside another.
        let depth = { (path: String) in path.split(separator: "/").count }
        shares = spec.shares.enumerated().sorted { first, second in
            let (a, b) = (depth(first.element.guestPath), depth(second.element.guestPath))
            return a == b ? first.offset < second.offset : a < b
        }.map { Share(source: $0.element.hostPath, destination: $0.element.guestPath, readOnly: $0.element.readOnly) }
        shares.append(Share(source: files.agentDirectory, destination: Self.agentDirectory, readOnly: true))
        memoryMounts = [
            MemoryMount(destination: "/run", options: ["nosuid", "nodev", "mode=755"])
        ]
        initArguments = [Self.agent, "hold"]
    }
}
