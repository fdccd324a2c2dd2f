import Foundation
import SiloIO
import SiloProtocol
import Testing

@testable import SiloQEMU

@Suite struct SnapshotKeyTests {
    /// Files that a key can be made of.
    private let directory = NSTemporaryDirectory() + "silo-key-\(UInt32.random(in: 0...UInt32.max))"

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in ["vmlinux", "initrd", "root.ext4", "scratch.ext4"] { try write(name, name) }
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
    }

    /// A machine of those files, without the warm-up that its JSON has.
    private func launch(_ change: (inout MachineSpec) throws -> Void = { _ in }) throws -> QEMULaunch {
        var spec = try full()
        spec.linux?.snapshots?.warm = nil
        try change(&spec)
        return QEMULaunch(
            spec: spec, command: ["/bin/sh"], accelerator: .tcg, board: .q35, jail: nil, emptyDirectory: "/e")
    }

    private func full() throws -> MachineSpec {
        let json = """
            {"runDirectory": "/run/r", "dataSocket": "/run/r/data",
             "kernel": {"path": "\(directory)/vmlinux", "initrd": "\(directory)/initrd"},
             "rootfs": {"path": "\(directory)/root.ext4"},
             "scratch": {"directory": "/s", "sizeMiB": 64, "template": "\(directory)/scratch.ext4"},
             "cpus": 2, "memoryMiB": 1024,
             "shares": [{"tag": "w", "hostPath": "/home/me/a", "guestPath": "/workspace", "readOnly": false}],
             "guest": {"hostname": "h", "workspace": "/workspace",
                       "user": {"uid": 1, "gid": 2, "name": "silo", "home": "/home/silo", "shell": "/bin/sh"}},
             "boot": {"timeoutMs": 1000, "attempts": 2},
             "linux": {"qemu": ["/bin/sh"], "accelerator": "auto", "stateDirectory": "/state",
                       "snapshots": {"directory": "\(directory)",
                                     "warm": {"argv": ["python3"], "env": ["PATH=/bin"]}}}}
            """
        return try JSONCoding.decode(MachineSpec.self, from: Array(json.utf8))
    }

    private static func network(_ json: String) throws -> MachineSpec.Network {
        try JSONCoding.decode(MachineSpec.Network.self, from: Array(json.utf8))
    }

    @Test func whatDiffersFromRunToRunIsNoPartOfIt() throws {
        let key = SnapshotKey(try launch())
        #expect(key != nil)
        let other = try launch { spec in
            spec.shares[0].hostPath = "/home/me/b"
            spec.shares.append(spec.shares[0])
            spec.runDirectory = "/other"
            spec.guest.workspace = "/other"
            spec.guest.processes = 7
            spec.sshAgent = true
        }
        #expect(SnapshotKey(other) == key)
    }

    @Test func whatTheMachineDependsOnIs() throws {
        let warm = try full().linux?.snapshots?.warm
        let names = [
            SnapshotKey(try launch()),
            SnapshotKey(try launch { $0.memoryMiB = 512 }),
            SnapshotKey(try launch { $0.cpus = 1 }),
            SnapshotKey(try launch { $0.scratch = nil }),
            SnapshotKey(try launch { $0.scratch?.sizeMiB = 65 }),
            SnapshotKey(try launch { $0.linux?.snapshots?.warm = warm }),
            SnapshotKey(try launch { $0.guest.hostname = "other" }),
            SnapshotKey(try launch { spec in spec.shares = (0..<3).map { _ in spec.shares[0] } }),
            SnapshotKey(try launch { $0.guest.user.uid = 0 }),
            SnapshotKey(try launch { $0.guest.user.home = "/root" }),
            SnapshotKey(try launch { $0.network = try Self.network(#"{"certificates": ""}"#) }),
            SnapshotKey(try launch { $0.network = try Self.network(#"{"certificates": "PEM"}"#) }),
        ].map { $0?.name }
        let ofRun = #"{"certificates": "PEM", "authority": "OWN"}"#
        let own = SnapshotKey(try launch { $0.network = try Self.network(ofRun) })
        #expect(own?.name == names.last)
        #expect(!names.contains(nil) && Set(names).count == names.count)
        let before = SnapshotKey(try launch())
        try write("initrd", "another agent")
        #expect(SnapshotKey(try launch()) != before)
    }

    /// Else mounting it would be translated anew in each run of what `silo install` kept booted.
    @Test func theMachineThatTranslatesAheadHasAProjectAndItIsEmpty() throws {
        func shares(_ change: (inout MachineSpec) -> Void) throws -> [MachineSpec.Share] {
            let template = try launch(change)
            let training = TranslationTraining(template, of: Snapshot(directory: "/s"), emptyDirectory: "/empty")
            #expect(SnapshotKey(training.launch) == SnapshotKey(template))
            return training.launch.spec.shares
        }
        let ofRun = try shares { _ in }
        let ofInstall = try shares { $0.shares = [] }
        for share in ofRun + ofInstall {
            #expect((share.hostPath, share.guestPath, share.readOnly) == ("/empty", "/workspace", true))
        }
        #expect(ofRun.count == 1 && ofInstall.count == 1)
    }

    @Test func aRootThatIsWrittenToAndAMissingFileHaveNone() throws {
        let json = #"{"path": "/r", "copy": {"path": "/x", "sizeMiB": 1}}"#
        let copy = try JSONCoding.decode(MachineSpec.Rootfs.self, from: Array(json.utf8)).copy
        #expect(copy != nil)
        #expect(SnapshotKey(try launch { $0.kernel.path = "/nowhere" }) == nil)
        #expect(SnapshotKey(try launch { $0.rootfs.copy = copy }) == nil)
    }

    @Test func aSnapshotIsFoundAsLongAsNothingOfItChanges() throws {
        let store = SnapshotStore(directory: directory)
        let key = try #require(SnapshotKey(try launch()))
        func make() throws -> Snapshot {
            // Another test's child, between its fork and its exec, has this process's locks too.
            let limit = time(nil) + 20
            while time(nil) < limit {
                try store.make(key) { snapshot in
                    for path in [snapshot.memory, snapshot.state, snapshot.translations] {
                        try Data("content".utf8).write(to: URL(fileURLWithPath: path))
                    }
                }
                if let snapshot = store.find(key) { return snapshot }
                sched_yield()
            }
            return try #require(store.find(key))
        }
        for name in ["memory", "state", "translations", "manifest"] {
            let snapshot = try make()
            chmod("\(snapshot.directory)/\(name)", 0o600)
            try Data("changed".utf8).write(to: URL(fileURLWithPath: "\(snapshot.directory)/\(name)"))
            #expect(store.find(key) == nil, "\(name)")
            #expect(access(snapshot.directory, F_OK) != 0, "it is taken away")
        }
        _ = try make()
        store.discard(key)
        #expect(store.find(key) == nil)
        let left = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.contains(".tmp-") }
        #expect(left.isEmpty)
    }

    @Test func translationsThatAreGoneAreAChange() throws {
        let store = SnapshotStore(directory: directory)
        let key = try #require(SnapshotKey(try launch()))
        try store.make(key) { snapshot in
            for path in [snapshot.memory, snapshot.state, snapshot.translations] {
                try Data("content".utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        let snapshot = try #require(store.find(key))
        unlink(snapshot.translations)
        #expect(store.find(key) == nil)
    }

    @Test func onlySilosOwnQEMUKeepsTranslations() throws {
        var launch = try launch()
        launch.board = .microvm(counterKHz: 1)
        #expect(!TranslationTraining.isPossible(launch), "/bin/sh has no such file beside it")
        for name in ["bin", "share"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        try write("bin/qemu", "#!/bin/sh\n")
        chmod("\(directory)/bin/qemu", 0o755)
        try write("share/silo-qemu.json", "{}")
        launch.command = ["\(directory)/bin/qemu"]
        #expect(TranslationTraining.isPossible(launch) == (Architecture.current == .x86))
        launch.accelerator = .kvm
        #expect(!TranslationTraining.isPossible(launch), "nothing is translated")
        (launch.accelerator, launch.command) = (.tcg, ["/lib/ld.so", "\(directory)/bin/qemu"])
        #expect(!TranslationTraining.isPossible(launch))
    }

    @Test func whatCannotBeMadeLeavesNothing() throws {
        struct Failure: Error {}
        let store = SnapshotStore(directory: directory)
        let key = try #require(SnapshotKey(try launch()))
        #expect(throws: Failure.self) { try store.make(key) { _ in throw Failure() } }
        let left = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.contains(key.name) }
        #expect(left == ["\(key.name).lock"])
    }

    @Test func whatCouldNotBeMadeIsNotTriedAtEachRun() throws {
        struct Failure: Error {}
        let store = SnapshotStore(directory: directory)
        let key = try #require(SnapshotKey(try launch()))
        var tries = 0
        func fail(isAskedFor: Bool) {
            try? store.make(key, isAskedFor: isAskedFor) { _ in
                tries += 1
                throw Failure()
            }
        }
        func age(seconds: Int) {
            let past = timespec(tv_sec: time(nil) - seconds, tv_nsec: 0)
            utimensat(AT_FDCWD, "\(directory)/\(key.name).lock", [past, past], 0)
        }
        fail(isAskedFor: false)
        fail(isAskedFor: false)
        #expect(tries == 1)
        fail(isAskedFor: true)
        #expect(tries == 2, "asked for it is tried at once")
        age(seconds: 61)
        fail(isAskedFor: false)
        #expect(tries == 2, "after two failures it takes four minutes")
        age(seconds: 241)
        try store.make(key, isAskedFor: false) { snapshot in
            for path in [snapshot.memory, snapshot.state] {
                try Data("content".utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        #expect(store.find(key) != nil)
        store.discard(key)
        fail(isAskedFor: false)
        #expect(tries == 3, "success makes it forgotten")
    }

    @Test func pausesGrowToADay() {
        #expect((0...4).map(SnapshotFailures.pauseSeconds) == [0, 60, 240, 960, 3_840])
        #expect(SnapshotFailures.pauseSeconds(after: 1_000_000) == 86_400)
    }
}
