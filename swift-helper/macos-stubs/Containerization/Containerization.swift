import ContainerizationExtras
import ContainerizationOCI
import ContainerizationOS
import Foundation
import Synchronization

public struct SystemPlatform: Sendable, Equatable {
    public let name: String
    public static var linuxArm: SystemPlatform { SystemPlatform(name: "linuxArm") }
    public static var linuxAmd: SystemPlatform { SystemPlatform(name: "linuxAmd") }
}

public struct Kernel: Sendable {
    public struct CommandLine: Sendable {
        public let debug: Bool
        public let panic: Int
        public init(debug: Bool, panic: Int, initArgs: [String] = []) { (self.debug, self.panic) = (debug, panic) }
    }
    public var path: URL
    public var platform: SystemPlatform
    public var commandLine: CommandLine
    public init(path: URL, platform: SystemPlatform, commandline: CommandLine = CommandLine(debug: false, panic: 0)) {
        (self.path, self.platform, commandLine) = (path, platform, commandline)
    }
}

public struct Mount: Sendable, Equatable {
    public var type: String
    public var source: String
    public var destination: String
    public var options: [String]
    /// Of the framework's own kind there; what was given here.
    public let runtime: [String]

    public static func block(
        format: String, source: String, destination: String, options: [String] = [], runtimeOptions: [String] = []
    ) -> Self {
        Mount(type: format, source: source, destination: destination, options: options, runtime: runtimeOptions)
    }
    public static func share(
        source: String, destination: String, options: [String] = [], runtimeOptions: [String] = []
    ) -> Self {
        Mount(type: "virtiofs", source: source, destination: destination, options: options, runtime: runtimeOptions)
    }
    public static func any(
        type: String, source: String, destination: String, options: [String] = [], runtimeOptions: [String] = []
    ) -> Self {
        Mount(type: type, source: source, destination: destination, options: options, runtime: runtimeOptions)
    }
}

public struct LinuxCapabilities: Sendable {
    public var bounding: [CapabilityName] = []
    public var effective: [CapabilityName] = []
    public var inheritable: [CapabilityName] = []
    public var permitted: [CapabilityName] = []
    public var ambient: [CapabilityName] = []
    public static let allCapabilities = LinuxCapabilities()
    public static let defaultOCICapabilities = LinuxCapabilities()
}

public protocol EventLoopGroup {}
public struct Logger: Sendable {}

public protocol VirtualMachineInstance: Sendable {
    func dial(_ port: UInt32) async throws -> FileHandle
    func listen(_ port: UInt32) throws -> VsockListener
}

public final class VsockListener: NSObject, Sendable, AsyncSequence {
    public typealias Element = FileHandle
    public let port: UInt32
    private let stream: AsyncStream<FileHandle>
    private let continuation: AsyncStream<FileHandle>.Continuation

    public init(port: UInt32) {
        self.port = port
        (stream, continuation) = AsyncStream.makeStream()
    }
    /// The guest connects: the framework's handles never close by themselves.
    public func accept(_ fd: Int32) { continuation.yield(FileHandle(fileDescriptor: fd, closeOnDealloc: false)) }
    public func finish() throws { continuation.finish() }
    public func makeAsyncIterator() -> AsyncStream<FileHandle>.AsyncIterator { stream.makeAsyncIterator() }
}

public protocol VirtualMachineManager: Sendable {}
public struct VZVirtualMachineManager: VirtualMachineManager {
    public let kernel: Kernel
    public let initialFilesystem: Mount
    public let rosetta: Bool
    public let nestedVirtualization: Bool
    public let logger: Logger?
    public init(
        kernel: Kernel, initialFilesystem: Mount, rosetta: Bool = false, nestedVirtualization: Bool = false,
        group: (any EventLoopGroup)? = nil, logger: Logger? = nil
    ) {
        (self.kernel, self.initialFilesystem) = (kernel, initialFilesystem)
        (self.rosetta, self.nestedVirtualization, self.logger) = (rosetta, nestedVirtualization, logger)
    }
}

public protocol Interface: Sendable {}
public struct BootLog: Sendable, Equatable {
    public let path: String
    public let append: Bool
    public static func file(path: URL, append: Bool = true) -> BootLog { BootLog(path: path.path, append: append) }
}

public protocol ReaderStream: Sendable { func stream() -> AsyncStream<Data> }
public protocol Writer: Sendable {
    func write(_ data: Data) throws
    func close() throws
}
