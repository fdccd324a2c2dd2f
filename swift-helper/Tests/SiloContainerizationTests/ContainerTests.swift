import Containerization
import ContainerizationEXT4
import Foundation
import Security
import Synchronization
import Testing
import Virtualization

@testable import SiloApple
@testable import SiloContainerization

/// The calls into Apple's frameworks, as the frameworks get them.
@Suite(.timeLimit(.minutes(1)), .serialized) struct ContainerTests {
    private let host = ContainerizationHost()

    private static let plan = ContainerPlan(
        id: "silo-1", kernel: "/k/vmlinux", initFileSystem: "/k/init.ext4", rootfs: "/run/r/rootfs.ext4",
        scratch: nil, bootLog: "/run/r/boot.log", cpus: 3, memoryMiB: 2_048, hostname: "silo",
        shares: [
            .init(source: "/p", destination: "/workspace", readOnly: false),
            .init(source: "/d", destination: "/data", readOnly: true),
        ],
        memoryMounts: [.init(destination: "/run", options: ["mode=755"])],
        initArguments: ["/.silo/silo-guest", "hold"],
        agentArguments: ["/.silo/silo-guest", "bridge", "5000"], agentCapabilities: ["CAP_BPF"])

    private func make() throws -> (handle: any ContainerHandle, container: LinuxContainer) {
        LinuxContainer.made.withLock { $0 = [] }
        let handle = try host.makeContainer(Self.plan)
        return (handle, try #require(LinuxContainer.made.withLock { $0.count == 1 ? $0[0] : nil }))
    }

    @Test func theContainerIsWhatThePlanSays() throws {
        let container = try make().container
        let made = container.configuration
        #expect(container.id == "silo-1" && made.cpus == 3 && made.memoryInBytes == 2_048 << 20)
        #expect(made.hostname == "silo" && made.process.arguments == ["/.silo/silo-guest", "hold"])
        #expect(made.bootLog == .file(path: URL(filePath: "/run/r/boot.log"), append: false))
    }

    @Test func nothingIsPassedThatTheGuestMustNotHave() throws {
        let container = try make().container
        let manager = try #require(container.vmm as? VZVirtualMachineManager)
        #expect(container.configuration.interfaces.isEmpty, "no network card")
        #expect(!manager.rosetta && !manager.nestedVirtualization && container.writableLayer == nil)
        #expect(!container.configuration.process.terminal && container.configuration.process.stdin == nil)
    }

    @Test func nothingWritesToTheProtocolsChannel() throws {
        let container = try make().container
        #expect(container.logger == nil && (container.vmm as? VZVirtualMachineManager)?.logger == nil)
    }

    @Test func aFirstProcessThatForwardsSignalsIsAskedFor() throws {
        #expect(try make().container.configuration.useInit)
    }

    @Test func theKernelRestartsWhenItPanics() throws {
        let manager = try #require(try make().container.vmm as? VZVirtualMachineManager)
        #expect(manager.kernel.path.path == "/k/vmlinux" && manager.kernel.platform == .linuxArm)
        #expect(manager.kernel.commandLine.panic == 1 && !manager.kernel.commandLine.debug)
    }

    @Test func theInitFileSystemIsReadOnlyAndTheRootIsNotSynced() throws {
        let container = try make().container
        let manager = try #require(container.vmm as? VZVirtualMachineManager)
        #expect(manager.initialFilesystem.source == "/k/init.ext4" && manager.initialFilesystem.options == ["ro"])
        #expect(container.rootfs.source == "/run/r/rootfs.ext4" && container.rootfs.type == "ext4")
        #expect(container.rootfs.runtime == ["vzDiskImageSynchronizationMode=none"])
    }

    @Test func theWritableLayerIsTheFrameworksOwnAndNotSynced() throws {
        var plan = Self.plan
        plan.scratch = "/run/r/scratch.ext4"
        LinuxContainer.made.withLock { $0 = [] }
        _ = try host.makeContainer(plan)
        let container = try #require(LinuxContainer.made.withLock { $0.first })
        #expect(container.writableLayer?.source == "/run/r/scratch.ext4" && container.writableLayer?.type == "ext4")
        #expect(container.writableLayer?.runtime == ["vzDiskImageSynchronizationMode=none"])
        #expect(container.rootfs.source == "/run/r/rootfs.ext4")
    }

    @Test func mountsAreAddedToTheUsualOnes() throws {
        let mounts = try make().container.configuration.mounts
        #expect(mounts.map(\.destination) == ["/proc", "/run", "/workspace", "/data"])
        #expect(mounts.map(\.type) == ["proc", "tmpfs", "virtiofs", "virtiofs"])
        #expect(mounts[2].options.isEmpty && mounts[3].options == ["ro"])
    }

    @Test func theAgentRunsWithItsCapabilitiesAndItsWordsAreHeard() async throws {
        let (handle, container) = try make()
        let words = Mutex<[UInt8]>([])
        let arguments = Self.plan.agentArguments
        let program = try await handle.exec("silo-guest", arguments, capabilities: ["CAP_BPF"]) { bytes in
            words.withLock { $0 += bytes }
        }
        let process = try #require(container.processes.withLock { $0.first })
        #expect(process.configuration.arguments == Self.plan.agentArguments)
        let capabilities = process.configuration.capabilities
        for set in [capabilities.bounding, capabilities.effective, capabilities.permitted] {
            #expect(set.map(\.name) == ["CAP_BPF"])
        }
        #expect(capabilities.ambient.isEmpty && capabilities.inheritable.isEmpty, "a tool of the person has none")
        #expect(process.configuration.environmentVariables.contains { $0.hasPrefix("PATH=") })
        try process.configuration.stdout?.write(Data("a".utf8))
        try process.configuration.stderr?.write(Data("b".utf8))
        #expect(words.withLock { $0 } == Array("ab".utf8))
        try await program.start()
        #expect(try await program.wait() == 7)
        await #expect(throws: (any Error).self) {
            try await handle.exec("x", [], capabilities: ["NO_SUCH"]) { _ in }
        }
    }

    @Test func aListenerIsKeptAndItsDescriptorsAreTheTakers() async throws {
        let (handle, container) = try make()
        let listener = try await handle.listen(port: 5_000)
        let framework = try #require(container.instance.listeners.first, "whoever lets it go stops listening")
        #expect(framework.port == 5_000)
        let fd = open("/dev/null", O_RDONLY)
        framework.accept(fd)
        var taken = listener.connections.makeAsyncIterator()
        #expect(await taken.next() == fd)
        #expect(fcntl(fd, F_GETFD) >= 0, "it is open")
        _ = close(fd)
        listener.finish()
        #expect(await taken.next() == nil)
    }

    @Test func theContainersCallsArePassedOn() async throws {
        let (handle, container) = try make()
        try await handle.create()
        try await handle.start()
        try await handle.stop()
        #expect(container.calls.withLock { $0 } == ["create", "start", "stop"])
    }

    @Test func aFileSystemIsClosedAndHasNoJournal() async throws {
        let source = NSTemporaryDirectory() + "silo-tar-" + UUID().uuidString
        FileManager.default.createFile(atPath: source, contents: Data())
        defer { try? FileManager.default.removeItem(atPath: source) }
        EXT4.calls.withLock { $0 = [] }
        try await host.makeFileSystem(archive: source, output: "/o.ext4", bytes: 1 << 30)
        #expect(
            EXT4.calls.withLock { $0 } == [
                "format /o.ext4, 1073741824 bytes, no journal", "unpack \(source), paxRestricted, none", "close",
            ])
        await #expect(throws: (any Error).self) {
            try await host.makeFileSystem(archive: "/no/such", output: "/o.ext4", bytes: 1)
        }
    }

    @Test func anEmptyFileSystemIsClosedToo() throws {
        EXT4.calls.withLock { $0 = [] }
        try host.makeEmptyFileSystem("/s.ext4", bytes: 20 << 30)
        #expect(EXT4.calls.withLock { $0 } == ["format /s.ext4, 21474836480 bytes, no journal", "close"])
    }

    @Test func whatTheSystemSaysOfThisProgramIsReported() {
        defer { entitlements.withLock { $0 = [] } }
        entitlements.withLock { $0 = ["com.apple.security.virtualization"] }
        #expect(host.facts().isEntitled && host.facts().isSupported && host.facts().libraryVersion == "0.40.2")
        entitlements.withLock { $0 = ["com.apple.security.network.client"] }
        #expect(!host.facts().isEntitled)
        entitlements.withLock { $0 = nil }
        #expect(!host.facts().isEntitled, "a system that does not say counts as no")
    }
}
