import SiloProtocol

/// All that the macOS driver needs of Apple's frameworks. `SiloContainerization` is the one real implementation and the
/// only code that imports them; the driver's tests have another, which fails wherever they want it to.
public protocol VirtualMachineHost: Sendable {
    /// What this program and this Mac are able to do.
    func facts() -> HostFacts

    /// Makes `to` a copy-on-write clone of `from`, which is a file.
    func clone(_ from: String, to: String) throws

    /// Writes one flattened archive as an ext4 into `output`, which does not exist. No journal; at least `bytes` long.
    func makeFileSystem(archive: String, output: String, bytes: UInt64) async throws

    /// Writes an empty ext4 without a journal as `path`, which does not exist; at least `bytes` long, and sparse.
    func makeEmptyFileSystem(_ path: String, bytes: UInt64) throws

    /// Puts a container together; nothing is booted yet.
    func makeContainer(_ plan: ContainerPlan) throws -> any ContainerHandle
}

/// What can be found out without a VM.
public struct HostFacts: Sendable {
    /// As `26.1`.
    public var systemVersion: String
    /// Whether the processor and the system can run VMs.
    public var isSupported: Bool
    /// Whether this program carries `com.apple.security.virtualization`; every link of it drops it.
    public var isEntitled: Bool
    /// Of the Containerization library that is linked.
    public var libraryVersion: String

    public init(systemVersion: String, isSupported: Bool, isEntitled: Bool, libraryVersion: String) {
        self.systemVersion = systemVersion
        self.isSupported = isSupported
        self.isEntitled = isEntitled
        self.libraryVersion = libraryVersion
    }
}

/// One container in a VM of its own. The calls come in the order in which they stand here.
public protocol ContainerHandle: Sendable {
    /// Boots the VM and mounts everything; no program runs yet. When this throws, there may be a VM that cannot be
    /// stopped: only the end of the process ends it.
    func create() async throws

    /// Listens on a vsock port of the host. Between `create` and `start`, so that no program of the guest comes first.
    func listen(port: UInt32) async throws -> any GuestListener

    /// Starts the container's first process, its init.
    func start() async throws

    /// Prepares another program in it, as root with a container's usual capabilities and these ones. What it prints
    /// goes to `output`, from any thread.
    func exec(
        _ id: String, _ arguments: [String], capabilities: [String], output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> any GuestProgram

    /// Ends the VM: kills what runs, unmounts, powers off. Takes some seconds where the guest does not cooperate.
    func stop() async throws
}

/// A program that `exec` prepared.
public protocol GuestProgram: Sendable {
    func start() async throws
    /// Its exit code; throws when the VM ends first.
    func wait() async throws -> Int32
}

/// A vsock port of the host.
public protocol GuestListener: Sendable {
    /// Descriptors, each its taker's to close. Ends with `finish` or with the VM.
    var connections: AsyncStream<Int32> { get }
    /// Afterwards nobody can connect. Before the VM stops: its descriptors are dead then.
    func finish()
}
