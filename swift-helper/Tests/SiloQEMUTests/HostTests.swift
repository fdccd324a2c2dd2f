import Foundation
import SiloIO
import SiloMachine
import SiloProtocol
import Testing

@testable import SiloQEMU

@Suite struct AcceleratorProbeTests {
    @Test func aProcessorWithoutVirtualizationIsNamed() {
        let with = { (flags: String) in "processor\t: 0\nvendor_id\t: X\nflags\t\t: fpu \(flags) sse\nbugs\t: vmx svm\n"
        }
        #expect(AcceleratorProbe.objection(cpuinfo: with("vmx")) == nil)
        #expect(AcceleratorProbe.objection(cpuinfo: with("svm")) == nil)
        for text in [with("vmxx"), with("hypervisor"), "", "flags"] {
            #expect(AcceleratorProbe.objection(cpuinfo: text)?.contains("neither the vmx nor the svm flag") == true)
        }
    }
}

@Suite struct HostMemoryTests {
    private let directory = NSTemporaryDirectory() + "silo-\(UInt32.random(in: 0...UInt32.max))"

    init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

    @Test func whatIsRememberedIsForgottenByABoot() {
        let memory = HostMemory(directory: directory, boot: "one")
        #expect(memory.recall("kvm") == nil)
        memory.remember("kvm", .init(works: false, reason: "a\tb\nc"))
        memory.remember("jail x y", .init(works: true, reason: "fine"))
        memory.remember("kvm", .init(works: true, reason: "it ran"))
        #expect(memory.recall("kvm") == .init(works: true, reason: "it ran"))
        #expect(memory.recall("jail x y") == .init(works: true, reason: "fine"))
        #expect(HostMemory(directory: directory, boot: "two").recall("kvm") == nil)
        #expect(HostMemory(directory: nil, boot: "one").recall("kvm") == nil)
    }
}

@Suite struct HostProcessTests {
    @Test func outputAndEndsAreTold() async throws {
        let command = HostProcess.Command(words: ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
        let result = try await HostProcess.run(command, milliseconds: 5_000)
        #expect(result.exit == .code(3))
        #expect(String(decoding: result.output, as: UTF8.self) == "out\n")
        #expect(String(decoding: result.errors, as: UTF8.self) == "err\n")
    }

    @Test func aProgramThatHangsIsKilled() async {
        await #expect(throws: SystemError.self) {
            try await HostProcess.run(.init(words: ["/bin/sleep", "60"]), milliseconds: 100)
        }
    }

    @Test func systemDirectoriesCanGoBeforePath() {
        #expect(HostProcess.find("sh", before: ["/no/such", "/bin"]) == "/bin/sh")
        #expect(HostProcess.find("no-such-program", before: ["/bin"]) == nil)
    }

    @Test func aMissingProgramIsAnError() async {
        await #expect(throws: SystemError("start /no/such", errno: ENOENT)) {
            try await HostProcess.run(.init(words: ["/no/such"]), milliseconds: 100)
        }
    }
}

@Suite struct RateLimitTests {
    @Test func aBurstThenARate() {
        var limit = RateLimit(burst: 3, perSecond: 2)
        let second: UInt64 = 1_000_000_000
        #expect((0..<10).filter { _ in limit.admits(now: second) }.count == 3)
        #expect((0..<10).filter { _ in limit.admits(now: 2 * second) }.count == 2)
        #expect((0..<10).filter { _ in limit.admits(now: 100 * second) }.count == 3)
    }
}
