#if os(macOS) || SILO_STUBS
    import Containerization
    import ContainerizationOCI
    import ContainerizationOS
    import Foundation
    import SiloApple

    /// One container and its VM.
    struct RunningContainer: ContainerHandle {
        private let container: LinuxContainer

        /// The only place that constructs one: from 0.47 on the VM's size has to be given by a parameter of its own.
        init(_ plan: ContainerPlan) throws {
            let kernel = Kernel(
                path: URL(filePath: plan.kernel), platform: .linuxArm,
                // A guest that panics restarts at once, which the framework reports as a stop.
                commandline: Kernel.CommandLine(debug: false, panic: 1))
            let manager = VZVirtualMachineManager(
                kernel: kernel,
                initialFilesystem: .block(
                    format: "ext4", source: plan.initFileSystem, destination: "/", options: ["ro"]))
            let (rootfs, layer) = (Self.disk(plan.rootfs), plan.scratch.map(Self.disk))
            container = try LinuxContainer(plan.id, rootfs: rootfs, writableLayer: layer, vmm: manager) {
                configuration in
                configuration.cpus = plan.cpus
                configuration.memoryInBytes = UInt64(plan.memoryMiB).mib()
                configuration.hostname = plan.hostname
                configuration.useInit = true
                configuration.bootLog = .file(path: URL(filePath: plan.bootLog), append: false)
                configuration.interfaces = []
                configuration.process = LinuxProcessConfiguration()
                configuration.process.arguments = plan.initArguments
                configuration.mounts += plan.memoryMounts.map { mount in
                    .any(type: "tmpfs", source: "tmpfs", destination: mount.destination, options: mount.options)
                }
                configuration.mounts += plan.shares.map { share in
                    .share(
                        source: share.source, destination: share.destination, options: share.readOnly ? ["ro"] : [])
                }
            }
        }

        /// One that is thrown away, or written back by the guest before its end is told.
        private static func disk(_ path: String) -> Containerization.Mount {
            .block(
                format: "ext4", source: path, destination: "/", runtimeOptions: ["vzDiskImageSynchronizationMode=none"])
        }

        func create() async throws { try await container.create() }

        func listen(port: UInt32) async throws -> any GuestListener {
            Listener(try await container.withVirtualMachineInstance { try $0.listen(port) })
        }

        func start() async throws { try await container.start() }

        func exec(
            _ id: String, _ arguments: [String], capabilities: [String],
            output: @escaping @Sendable ([UInt8]) -> Void
        ) async throws -> any GuestProgram {
            var configuration = LinuxProcessConfiguration()
            configuration.arguments = arguments
            let more = try capabilities.map { try CapabilityName(rawValue: $0) }
            configuration.capabilities.bounding += more
            configuration.capabilities.effective += more
            configuration.capabilities.permitted += more
            configuration.stdout = Output(take: output)
            configuration.stderr = Output(take: output)
            return Program(process: try await container.exec(id, configuration: configuration))
        }

        func stop() async throws { try await container.stop() }
    }

    private struct Program: GuestProgram {
        let process: LinuxProcess

        func start() async throws { try await process.start() }
        func wait() async throws -> Int32 { try await process.wait().exitCode }
    }

    /// Its end of what a program prints. Called off the framework's one thread for it, so `take` must not block.
    private struct Output: Writer {
        let take: @Sendable ([UInt8]) -> Void

        func write(_ data: Data) throws { take(Array(data)) }
        func close() throws {}
    }

    /// Keeps the framework's listener: whoever lets it go stops listening.
    private final class Listener: GuestListener, Sendable {
        let connections: AsyncStream<Int32>
        private let listener: VsockListener

        init(_ listener: VsockListener) {
            self.listener = listener
            let (stream, continuation) = AsyncStream<Int32>.makeStream()
            connections = stream
            // The handles are never closed by themselves: the descriptor is the taker's.
            Task {
                for await handle in listener { continuation.yield(handle.fileDescriptor) }
                continuation.finish()
            }
        }

        func finish() { try? listener.finish() }
    }
#endif
