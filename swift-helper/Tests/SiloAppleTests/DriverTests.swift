import Foundation
import SiloDriver
import SiloIO
import SiloMachine
import SiloProtocol
import Testing

@testable import SiloApple

@Suite(.timeLimit(.minutes(1)), .serialized) struct DriverTests {
    private let files: Files

    init() throws { files = try Files() }

    private func refusal(shares: String, _ host: FakeHost = FakeHost()) async -> HelperError? {
        await failure {
            try await AppleDriver(host: host).start(files.spec(shares: shares), events: SeenEvents())
        }
    }

    @Test func theCachedDiskIsNeverAttached() async throws {
        let host = FakeHost()
        let started = try await AppleDriver(host: host).start(files.spec(), events: SeenEvents())
        let plan = try #require(host.plan.withLock { $0 })
        #expect(plan.rootfs == files.run + "/vm/rootfs.ext4")
        #expect(access(plan.rootfs, W_OK) == 0, "the clone is attached for writing, and the cached file is read-only")
        #expect(plan.initFileSystem == files.root + "/init.ext4", "attached read-only: all runs share it")
        await started.machine.stop()
        #expect(try String(contentsOfFile: files.root + "/rootfs.ext4", encoding: .utf8) == "rootfs.ext4")
    }

    @Test func aCopyThatIsToStayStays() async throws {
        let host = FakeHost()
        let spec = try files.spec(copy: files.root + "/copy.ext4")
        let started = try await AppleDriver(host: host).start(spec, events: SeenEvents())
        #expect(host.plan.withLock { $0?.rootfs } == files.root + "/copy.ext4")
        await started.machine.stop()
        #expect(access(files.root + "/copy.ext4", W_OK) == 0 && files.left.isEmpty)
    }

    @Test func aSizeThatIsSetIsALayerOfItsOwn() async throws {
        let host = FakeHost()
        let started = try await AppleDriver(host: host).start(files.spec(scratchMiB: 20_480), events: SeenEvents())
        let plan = try #require(host.plan.withLock { $0 })
        let scratch = try #require(plan.scratch)
        #expect(scratch == files.run + "/vm/scratch.ext4" && plan.rootfs == files.run + "/vm/rootfs.ext4")
        var status = stat()
        #expect(stat(scratch, &status) == 0 && status.st_size == 20_480 << 20 && status.st_mode & 0o777 == 0o600)
        await started.machine.stop()
        #expect(files.left.isEmpty, "\(files.left)")
    }

    @Test func withoutASizeTheCloneIsWrittenTo() async throws {
        let host = FakeHost()
        let started = try await AppleDriver(host: host).start(files.spec(), events: SeenEvents())
        #expect(host.plan.withLock { $0 }?.scratch == nil && !host.calls.contains("makeEmptyFileSystem"))
        await started.machine.stop()
    }

    @Test func aCopyThatStaysHasNoLayerBesideIt() async throws {
        let copy = files.root + "/copy.ext4"
        let error = await failure { try files.spec(copy: copy, scratchMiB: 64) }
        #expect(error?.kind == .invalid && error?.field == "apple.scratchMiB")
    }

    @Test func onlyTheAgentIsInTheAgentsShare() async throws {
        let host = FakeHost()
        let started = try await AppleDriver(host: host).start(files.spec(), events: SeenEvents())
        let share = try #require(host.plan.withLock { $0?.shares.last })
        #expect(share.readOnly && share.destination == "/.silo")
        #expect(try FileManager.default.contentsOfDirectory(atPath: share.source) == ["silo-guest"])
        await started.machine.stop()
    }

    @Test func singleFilesAreMountedOneByOne() async throws {
        let host = FakeHost()
        let files = files.share(
            "files", "data", at: "/", readOnly: true, files: #"{"name": "0", "guestPath": "/home/silo/.netrc"}"#)
        let started = try await AppleDriver(host: host).start(self.files.spec(shares: files), events: SeenEvents())
        let share = try #require(host.plan.withLock { $0?.shares.first { $0.destination == "/home/silo/.netrc" } })
        #expect(share.source == self.files.root + "/data/0" && share.readOnly)
        #expect(host.plan.withLock { $0?.shares.allSatisfy { $0.destination != "/" } } == true)
        await started.machine.stop()
    }

    @Test func whatIsCoveredIsHiddenByItsKind() async throws {
        let host = FakeHost()
        let (secret, project) = (files.root + "/project/.env", files.share("w", "project", at: "/workspace"))
        try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
        let target = files.root + "/project/target"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let spec = try files.spec(
            shares: [project, files.share("d", "data", at: "/data", readOnly: true)].joined(separator: ","),
            covered: ["/workspace/.env", "/workspace/target", "/workspace/absent", "/data/absent"])
        let started = try await AppleDriver(host: host).start(spec, events: SeenEvents())
        let plan = try #require(host.plan.withLock { $0 })
        let file = try #require(plan.shares.first { $0.destination == "/workspace/.env" })
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.source)).isEmpty && !file.readOnly)
        #expect(plan.memoryMounts.map(\.destination) == ["/run", "/workspace/target", "/workspace/absent"])
        #expect(plan.memoryMounts[1].options.contains("uid=1000"), "the person may write there")
        await started.machine.stop()
        #expect(files.left.isEmpty, "\(files.left)")
        #expect(try String(contentsOfFile: secret, encoding: .utf8) == "secret")
    }

    @Test func theAgentMayServeTheNetworkAndMountNothing() async throws {
        let host = FakeHost()
        let started = try await AppleDriver(host: host).start(files.spec(), events: SeenEvents())
        let plan = try #require(host.plan.withLock { $0 })
        #expect(plan.agentCapabilities == ["CAP_NET_ADMIN", "CAP_BPF"])
        #expect(plan.agentArguments == ["/.silo/silo-guest", "bridge", "5000"])
        await started.machine.stop()
    }

    @Test func outerSharesAreMountedFirst() async throws {
        let host = FakeHost()
        let shares = [
            files.share("a", "data", at: "/workspace/data", readOnly: true),
            files.share("b", "project", at: "/workspace"),
        ]
        let spec = try files.spec(shares: shares.joined(separator: ","))
        let started = try await AppleDriver(host: host).start(spec, events: SeenEvents())
        #expect(host.plan.withLock { $0?.shares.map(\.destination) } == ["/workspace", "/workspace/data", "/.silo"])
        await started.machine.stop()
    }

    @Test func aContainersNameFitsItsRules() async throws {
        let host = FakeHost()
        let started = try await AppleDriver(host: host).start(files.spec(), events: SeenEvents())
        let id = try #require(host.plan.withLock { $0?.id })
        #expect(id.utf8.count <= 64 && id.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") })
        await started.machine.stop()
    }

    @Test func oneDirectoryIsNotSharedInTwoWays() async throws {
        symlink(files.root + "/project", files.root + "/link")
        let shares = [files.share("a", "project", at: "/a", readOnly: true), files.share("b", "link", at: "/b")]
        let error = await refusal(shares: shares.joined(separator: ","))
        #expect(error?.kind == .invalid && error?.field == "shares[1].readOnly")
    }

    @Test func aDirectoryIsNotSharedBesideItsFiles() async throws {
        let shares = [
            files.share("a", "data", at: "/a", readOnly: true),
            files.share("b", "data", at: "/", readOnly: true, files: #"{"name": "0", "guestPath": "/x"}"#),
        ]
        let error = await refusal(shares: shares.joined(separator: ","))
        #expect(error?.kind == .invalid && error?.field == "shares[1].hostPath")
    }

    @Test func theAgentsPortIsNoneOfTheFrameworks() {
        #expect(ContainerPlan.port > 1_024 && ContainerPlan.port < 0x1000_0000)
    }

    @Test func whatTheAgentPrintsIsKeptFromAnyThreadAndBounded() async {
        let log = BootLog(path: "/no/such/log")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<1_000 { log.append(Array("what an agent says\n".utf8)) } }
            }
        }
        let tail = log.read().tail
        #expect(tail.utf8.count <= ConsoleLog.capacityBytes && tail.contains("what an agent says\n"))
    }

    @Test func sharesOfWhatIsNoDirectoryAreRefused() async throws {
        #expect(await refusal(shares: files.share("a", "kernel", at: "/a"))?.field == "shares[0].hostPath")
        #expect(await refusal(shares: files.share("a", "nowhere", at: "/a"))?.field == "shares[0].hostPath")
    }

    @Test func whatIsMissingIsNamedBeforeAnythingIsMade() async throws {
        for (name, field) in [
            ("kernel", "kernel.path"), ("init.ext4", "kernel.initrd"), ("rootfs.ext4", "rootfs.path"),
            ("silo-guest", "apple.agent"),
        ] {
            let files = try Files()
            unlink("\(files.root)/\(name)")
            let host = FakeHost()
            let error = await failure {
                try await AppleDriver(host: host).start(files.spec(), events: SeenEvents())
            }
            #expect(error?.field == field && host.calls.isEmpty)
        }
    }

    @Test(arguments: [
        (HostFacts(systemVersion: "15.6", isSupported: true, isEntitled: true, libraryVersion: "0"), "macOS 26"),
        (HostFacts(systemVersion: "26.0", isSupported: false, isEntitled: true, libraryVersion: "0"), "cannot run VMs"),
        (HostFacts(systemVersion: "26.0", isSupported: true, isEntitled: false, libraryVersion: "0"), "entitlement"),
    ])
    func aHostThatCannotIsToldWhy(_ facts: HostFacts, _ why: String) async throws {
        let host = FakeHost { $0.hostFacts = facts }
        let error = await refusal(shares: "", host)
        #expect(error?.kind == .noHypervisor && error?.message.contains(why) == true && error?.hint != nil)
        #expect(host.calls.isEmpty)
        let probe = try await AppleDriver(host: host).probe(HostProbeParameters())
        #expect(probe.accelerators.map(\.usable) == [false])
    }

    @Test func aFileSystemIsWholeOrAbsent() async throws {
        let (tar, output) = (files.root + "/kernel", files.root + "/made.ext4")
        let parameters = RootfsParameters(tar: tar, output: output, sizeMiB: 64, label: "", linux: nil)
        let failing = AppleDriver(host: FakeHost { $0.failing = .create })
        let error = await failure { try await failing.createRootfs(parameters) { _ in } }
        #expect(error?.kind == .rootfs)
        let names = try FileManager.default.contentsOfDirectory(atPath: files.root)
        #expect(!names.contains { $0.hasPrefix("made.ext4") })

        let driver = AppleDriver(host: FakeHost())
        _ = try await driver.createRootfs(parameters) { _ in }
        #expect(access(output, W_OK) != 0 || getuid() == 0)
        #expect(await failure { try await driver.createRootfs(parameters) { _ in } }?.field == "output")
    }

    @Test func itSaysThatItHasNoSnapshots() {
        let identity = AppleDriver(host: FakeHost()).identity
        #expect(identity.platform == .macos && identity.name == .apple)
        #expect(!identity.capabilities.snapshots && identity.capabilities.shares == [.virtiofs])
    }
}
