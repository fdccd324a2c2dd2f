import Foundation
import SiloProtocol
import Testing

@testable import SiloQEMU

@Suite struct BoardTests {
    @Test func theSmallBoardIsForEmulationByThisProcessor() {
        #expect(Board(.x86, .kvm, counterKHz: 2_400_000) == .q35)
        #expect(Board(.x86, .tcg, counterKHz: nil) == .q35)
        #expect(Board(.arm64, .tcg, counterKHz: 2_400_000) == .virt)
        let small = Board.microvm(counterKHz: 2_400_000)
        #expect(Board(.x86, .tcg, counterKHz: 2_400_000) == (Architecture.current == .x86 ? small : .q35))
    }

    @Test func snapshotsAreOfNoMoreThanAMegahertz() {
        let boards = [2_399_500, 2_400_000, 2_400_499].map { Board.microvm(counterKHz: $0).rounded }
        #expect(Set(boards.map { "\($0)" }) == ["\(Board.microvm(counterKHz: 2_400_000))"])
        #expect(Board.microvm(counterKHz: 2_401_000).rounded != boards[0])
    }

    @Test func whatDidNotComeUpIsNotTriedAgain() {
        let memory = HostMemory(directory: NSTemporaryDirectory() + "silo-board-\(UInt32.random(in: 0...UInt32.max))")
        mkdir(memory.directory!, 0o700)
        memory.remember("counter", .init(works: true, reason: "2400000"))
        guard Architecture.current == .x86 else { return }
        #expect(Board.choose(.x86, .tcg, memory) == .microvm(counterKHz: 2_400_000))
        Board.distrustMicrovm("it hung", memory)
        #expect(Board.choose(.x86, .tcg, memory) == .q35)
    }

    @Test func theCounterIsMeasuredOnce() throws {
        let memory = HostMemory(directory: NSTemporaryDirectory() + "silo-counter-\(UInt32.random(in: 0...UInt32.max))")
        mkdir(memory.directory!, 0o700)
        let first = TimeStampCounter.kHz(memory)
        #expect(TimeStampCounter.kHz(memory) == first, "a second measurement would differ")
        if let first { #expect((400_000...10_000_000).contains(first)) }
    }
}
