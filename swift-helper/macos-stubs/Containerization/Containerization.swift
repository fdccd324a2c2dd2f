import ContainerizationExtras
import ContainerizationOCI
import ContainerizationOS
import Foundation

public struct SystemPlatform: Sendable {
    public static var linuxArm: SystemPlatform { fatalError() }
    public static var linuxAmd: SystemPlatform { fatalError() }
}

public struct Kernel: Sendable {
    public struct CommandLine: Sendable {
        public init(debug: Bool, panic: Int, initArgs: [String] = []) { fatalError() }
    }
    public init(path: URL, platform: SystemPlatform, commandline: CommandLine = CommandLine(debug: false, panic: 0)) {
        fatalError()
    }
}

public struct Mount: Sendable {
    public static func block(
        format: String, source: String, destination: String, options: [String] = [], runtimeOptions: [String] = []
    ) -> Self { fatalError() }
    public static func share(
        source: String, destination: String, options: [String] = [], runtimeOptions: [String] = []
    ) -> Self { fatalError() }
    public static func any(
        type: String, source: String, destination: String, options: [String] = [], runtimeOptions: [String] = []
    ) -> Self { fatalError() }
}

public struct LinuxCapabilities: Sendable {
    public static var defaultOCICapabilities: LinuxCapabilities { fatalError() }
    public static var allCapabilities: LinuxCapabilities { fatalError() }
}

public protocol EventLoopGroup {}
public struct Logger: Sendable {}

public protocol VirtualMachineInstance: Sendable {
    func dial(_ port: UInt32) async throws -> FileHandle
    func listen(_ port: UInt32) throws -> VsockListener
}

public final class VsockListener: NSObject, Sendable, AsyncSequence {
    public typealias Element = FileHandle
    public let port: UInt32 = 0
    public func finish() throws { fatalError() }
    public func makeAsyncIterator() -> AsyncStream<FileHandle>.AsyncIterator { fatalError() }
}

public protocol VirtualMachineManager: Sendable {}
public struct VZVirtualMachineManager: VirtualMachineManager {
    public init(
        kernel: Kernel, initialFilesystem: Mount, rosetta: Bool = false, nestedVirtualization: Bool = false,
        group: (any EventLoopGroup)? = nil, logger: Logger? = nil
    ) { fatalError() }
}

public protocol Interface: Sendable {}
public struct BootLog: Sendable {
    public static func file(path: URL, append: Bool = true) -> BootLog { fatalError() }
    public static func fileHandle(_ fileHandle: FileHandle) -> BootLog { fatalError() }
}

public protocol ReaderStream: Sendable { func stream() -> AsyncStream<Data> }
public protocol Writer: Sendable {
    func write(_ data: Data) throws
    func close() throws
}

public struct LinuxProcessConfiguration: Sendable {
    public var arguments: [String] = []
    public var environmentVariables: [String] = []
    public var workingDirectory = "/"
    public var user: ContainerizationOCI.User = .init()
    public var noNewPrivileges = false
    public var capabilities: LinuxCapabilities = .defaultOCICapabilities
    public var terminal = false
    public var stdin: ReaderStream?
    public var stdout: Writer?
    public var stderr: Writer?
    public init() { fatalError() }
}

public struct ExitStatus: Sendable {
    public var exitCode: Int32
    public var exitedAt: Date
}

public final class LinuxProcess: Sendable {
    public func start() async throws { fatalError() }
    @discardableResult
    public func wait(timeoutInSeconds: Int64? = nil) async throws -> ExitStatus { fatalError() }
    public func delete() async throws { fatalError() }
}

public final class LinuxContainer: Sendable {
    public struct Configuration: Sendable {
        public var process: LinuxProcessConfiguration
        public var cpus: Int
        public var memoryInBytes: UInt64
        public var hostname: String?
        public var interfaces: [any Interface]
        public var mounts: [Mount]
        public var bootLog: BootLog?
        public var useInit: Bool
    }

    public convenience init(
        _ id: String, rootfs: Mount, writableLayer: Mount? = nil, vmm: VirtualMachineManager, logger: Logger? = nil,
        configuration: (inout Configuration) throws -> Void
    ) throws { fatalError() }
    public init(
        _ id: String, rootfs: Mount, writableLayer: Mount? = nil, vmm: VirtualMachineManager,
        configuration: LinuxContainer.Configuration, logger: Logger? = nil
    ) throws { fatalError() }

    public func create() async throws { fatalError() }
    public func start() async throws { fatalError() }
    public func stop() async throws { fatalError() }
    public func exec(_ id: String, configuration: LinuxProcessConfiguration) async throws -> LinuxProcess {
        fatalError()
    }
    public func withVirtualMachineInstance<T: Sendable>(
        _ fn: @Sendable (any VirtualMachineInstance) async throws -> T
    ) async throws -> T { fatalError() }
}
