import SiloProtocol

/// What runs VMs on one platform: QEMU on Linux, Apple's Containerization on macOS.
///
/// Errors are `HelperError`s; anything else is a fault of the driver and is reported as `machineGone`.
public protocol MachineDriver: Sendable {
    var identity: DriverIdentity { get }

    /// What this host offers. Never boots a guest; takes under a second.
    func probe(_ parameters: HostProbeParameters) async throws -> HostProbeResult

    /// Turns a flattened archive into a root file system image; whole or absent.
    func createRootfs(
        _ parameters: RootfsParameters, progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> RootfsResult

    /// Keeps a machine of this shape booted and prepared, so that starts of it are quick.
    func createSnapshot(_ spec: MachineSpec) async throws -> SnapshotResult

    /// Boots a VM and configures the guest. When the task is cancelled the VM is gone before this throws.
    func start(_ spec: MachineSpec, events: any MachineEvents) async throws -> StartedMachine
}

extension MachineDriver {
    /// For drivers without snapshots (`capabilities.snapshots`).
    public func createSnapshot(_ spec: MachineSpec) async throws -> SnapshotResult {
        SnapshotResult(made: false, milliseconds: 0)
    }
}

/// What `initialize` answers about a driver.
public struct DriverIdentity: Sendable {
    public var platform: Platform
    public var name: DriverName
    public var capabilities: Capabilities

    public init(platform: Platform, name: DriverName, capabilities: Capabilities) {
        self.platform = platform
        self.name = name
        self.capabilities = capabilities
    }
}

public struct StartedMachine: Sendable {
    public var machine: any Machine
    public var report: MachineStarted

    public init(machine: any Machine, report: MachineStarted) {
        self.machine = machine
        self.report = report
    }
}

/// A running VM.
public protocol Machine: Sendable {
    /// Starts a program. The machine takes the descriptors of `streams` over, also when this throws.
    func start(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any GuestProcess

    /// Connects to a port on the guest's loopback and carries the connection over the data socket, under the number
    /// `stream`. Returns when the stream has begun; whether anybody listens there shows in it.
    func openPort(_ port: UInt16, stream: UInt32) async throws

    /// Ends the VM, without telling the guest, and removes what the driver made for it. Takes at most two seconds.
    /// `MachineEvents.exited` is not called for it.
    func stop() async
}

extension MachineEvents {
    public func portsListening(_ ports: [UInt16]) {}
}

/// A program in the guest.
public protocol GuestProcess: Sendable {
    /// In the guest.
    var pid: Int32 { get }

    /// Sends a signal; does nothing when the program has ended.
    func signal(_ signal: GuestSignal, scope: SignalScope) async throws

    /// Sets the size of its terminal; does nothing when it has none or has ended.
    func resize(rows: UInt16, columns: UInt16) async throws

    /// Returns when the program has ended and every byte of its output has been handed to its data connections.
    /// Throws when the VM ends before that.
    func wait() async throws -> ProcessExit
}

/// What a driver reports by itself. Calls come from any thread and must not block.
public protocol MachineEvents: Sendable {
    /// The foreground job of a process was stopped (Ctrl-Z).
    func processStopped(_ process: UInt32, by signal: GuestSignal)

    /// The VM ended without being asked to; called once at most, after everything of it is gone.
    func exited(_ exit: MachineExited)

    func progress(_ progress: Progress)

    /// Servers in the guest listen on other ports than before; only if `MachineSpec.watchPorts`.
    func portsListening(_ ports: [UInt16])

    func log(_ level: LogLine.Level, _ message: String)
}
