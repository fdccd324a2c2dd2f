import Foundation
import SiloDriver
import SiloIO
import SiloProtocol
import Synchronization

@testable import SiloApple

/// A run directory with a cached disk, a kernel and an agent beside it; removed with it.
final class Files {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "silo-apple-" + UUID().uuidString
        for name in ["", "/run", "/project", "/data"] {
            try FileManager.default.createDirectory(atPath: root + name, withIntermediateDirectories: true)
        }
        for name in ["kernel", "init.ext4", "rootfs.ext4", "silo-guest"] {
            try Data(name.utf8).write(to: URL(fileURLWithPath: "\(root)/\(name)"))
            chmod("\(root)/\(name)", 0o444)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    var run: String { root + "/run" }
    var left: [String] { (try? FileManager.default.contentsOfDirectory(atPath: run)) ?? [] }

    func spec(
        shares: String = "", covered: [String] = [], timeoutMs: Int = 10_000, copy: String? = nil,
        scratchMiB: Int? = nil
    ) throws -> MachineSpec {
        let json = """
            {"runDirectory": "\(run)", "dataSocket": "\(run)/data",
             "kernel": {"path": "\(root)/kernel", "initrd": "\(root)/init.ext4"},
             "rootfs": {"path": "\(root)/rootfs.ext4"
                \(copy.map { #", "copy": {"path": "\#($0)", "sizeMiB": 64}"# } ?? "")}, "scratch": null, "cpus": 2, "memoryMiB": 1024,
             "shares": [\(shares)],
             "guest": {"hostname": "silo", "workspace": "/workspace",
                "covered": [\(covered.map { "\"\($0)\"" }.joined(separator: ","))],
                "user": {"uid": 1000, "gid": 1000, "name": "silo", "home": "/home/silo", "shell": "/bin/sh"}},
             "boot": {"timeoutMs": \(timeoutMs), "attempts": 1}, "apple": {"agent": "\(root)/silo-guest"
                \(scratchMiB.map { #", "scratchMiB": \#($0)"# } ?? "")}}
            """
        return try JSONCoding.decode(MachineSpec.self, from: Array(json.utf8))
    }

    func share(
        _ tag: String, _ directory: String, at path: String, readOnly: Bool = false, files: String? = nil
    ) -> String {
        #"{"tag": "\#(tag)", "hostPath": "\#(root)/\#(directory)", "guestPath": "\#(path)", "readOnly": \#(readOnly)"#
            + (files.map { #", "files": [\#($0)]}"# } ?? "}")
    }
}

/// What the driver reported.
final class SeenEvents: MachineEvents, Sendable {
    let exits = Mutex<[MachineExited]>([])
    let logs = Mutex<[String]>([])

    func processStopped(_ process: UInt32, by signal: GuestSignal) {}
    func exited(_ exit: MachineExited) { exits.withLock { $0.append(exit) } }
    func progress(_ progress: SiloProtocol.Progress) {}
    func log(_ level: LogLine.Level, _ message: String) { logs.withLock { $0.append(message) } }

    /// The end of the machine; the suite's limit ends a wait for one that never comes.
    func exit() async throws -> MachineExited {
        while true {
            if let exit = exits.withLock({ $0.first }) { return exit }
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

/// A program for a machine, its output as pipes of the test's.
struct Program {
    let spec: ProcessSpec
    let streams: ProcessStreams
    private let output: Int32

    init(_ argv: [String], terminal: Bool = false) throws {
        let words = String(decoding: try JSONCoding.encode(argv), as: UTF8.self)
        let kind = terminal ? "terminal" : "pipe"
        let json = """
            {"process": 1, "argv": \(words), "env": ["PATH=/usr/bin:/bin"], "cwd": "/",
             "user": {"uid": 0, "gid": 0, "groups": []},
             "stdio": {"stdin": "null", "stdout": "\(kind)", "stderr": "null"}
             \(terminal ? #", "terminal": {"rows": 24, "columns": 80, "mode": "full"}"# : "")}
            """
        spec = try JSONCoding.decode(ProcessSpec.self, from: Array(json.utf8))
        let pair = try IO.socketPair()
        output = pair.0
        var streams = ProcessStreams()
        if terminal { streams.terminal = pair.1 } else { streams.stdout = pair.1 }
        self.streams = streams
    }

    /// Everything it printed, once it has ended.
    func text() -> String {
        var all: [UInt8] = []
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            while case .bytes(let count) = IO.read(output, into: buffer) { all += buffer[..<count] }
        }
        _ = close(output)
        return String(decoding: all, as: UTF8.self)
    }
}

func failure(of body: () async throws -> some Any) async -> HelperError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? HelperError
    }
}
