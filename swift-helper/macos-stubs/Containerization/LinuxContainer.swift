import ContainerizationOCI
import ContainerizationOS
import Foundation
import Synchronization

public struct LinuxProcessConfiguration: Sendable {
    public var arguments: [String] = []
    public var environmentVariables: [String] = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    public var workingDirectory = "/"
    public var user: ContainerizationOCI.User = .init()
    public var noNewPrivileges = false
    public var capabilities: LinuxCapabilities = .defaultOCICapabilities
    public var terminal = false
    public var stdin: ReaderStream?
    public var stdout: Writer?
    public var stderr: Writer?
    public init() {}
}

public struct ExitStatus: Sendable {
    public var exitCode: Int32
    public var exitedAt: Date
}

public final class LinuxProcess: Sendable {
    public let id: String
    public let configuration: LinuxProcessConfiguration
    init(_ id: String, _ configuration: LinuxProcessConfiguration) {
        (self.id, self.configuration) = (id, configuration)
    }
    public func start() async throws {}
    @discardableResult
    public func wait(timeoutInSeconds: Int64? = nil) async throws -> ExitStatus {
        ExitStatus(exitCode: 7, exitedAt: Date())
    }
    public func delete() async throws {}
}

public final class LinuxContainer: Sendable {
    public struct Configuration: Sendable {
        public var process = LinuxProcessConfiguration()
        public var cpus = 4
        public var memoryInBytes: UInt64 = 1024.mib()
        public var hostname: String?
        public var interfaces: [any Interface] = []
        public var mounts: [Mount] = [.any(type: "proc", source: "proc", destination: "/proc")]
        public var bootLog: BootLog?
        public var useInit = false
    }

    /// Those that were made, in order; a test clears it.
    public static let made = Mutex<[LinuxContainer]>([])
    public let id: String
    public let rootfs: Mount
    public let writableLayer: Mount?
    public let vmm: VirtualMachineManager
    public let configuration: Configuration
    public let logger: Logger?
    public let calls = Mutex<[String]>([])
    public let processes = Mutex<[LinuxProcess]>([])
    public let instance = Instance()

    public convenience init(
        _ id: String, rootfs: Mount, writableLayer: Mount? = nil, vmm: VirtualMachineManager, logger: Logger? = nil,
        configuration: (inout Configuration) throws -> Void
    ) throws {
        var made = Configuration()
        try configuration(&made)
        try self.init(id, rootfs: rootfs, writableLayer: writableLayer, vmm: vmm, configuration: made, logger: logger)
    }
    public init(
        _ id: String, rootfs: Mount, writableLayer: Mount? = nil, vmm: VirtualMachineManager,
        configuration: LinuxContainer.Configuration, logger: Logger? = nil
    ) throws {
        (self.id, self.rootfs, self.writableLayer) = (id, rootfs, writableLayer)
        (self.vmm, self.configuration, self.logger) = (vmm, configuration, logger)
        LinuxContainer.made.withLock { $0.append(self) }
    }

    public func create() async throws { calls.withLock { $0.append("create") } }
    public func start() async throws { calls.withLock { $0.append("start") } }
    public func stop() async throws { calls.withLock { $0.append("stop") } }
    public func exec(_ id: String, configuration: LinuxProcessConfiguration) async throws -> LinuxProcess {
        calls.withLock { $0.append("exec") }
        let process = LinuxProcess(id, configuration)
        processes.withLock { $0.append(process) }
        return process
    }
    public func withVirtualMachineInstance<T: Sendable>(
        _ fn: @Sendable (any VirtualMachineInstance) async throws -> T
    ) async throws -> T { try await fn(instance) }
}

/// The VM of a container.
public final class Instance: VirtualMachineInstance {
    private let kept = Mutex<[Weak]>([])
    /// Only touched under the lock.
    private final class Weak: @unchecked Sendable {
        weak var listener: VsockListener?
        init(_ listener: VsockListener) { self.listener = listener }
    }

    /// Those that somebody still has, as the framework's device refers to them.
    public var listeners: [VsockListener] { kept.withLock { $0.compactMap(\.listener) } }
    public func dial(_ port: UInt32) async throws -> FileHandle { throw CocoaError(.featureUnsupported) }
    public func listen(_ port: UInt32) throws -> VsockListener {
        let listener = VsockListener(port: port)
        kept.withLock { $0.append(Weak(listener)) }
        return listener
    }
}
