import Testing

@testable import SiloWire

/// What a hostile guest may send: valid conversations with bytes changed, cut and doubled. The decoder answers each
/// with events or one error, never with a trap, and holds what it promises about memory.
@Suite struct FrameFuzzTests {
    /// A conversation from which inputs are made: each kind of frame the guest may send.
    private func conversation(_ random: inout Seeded) -> [UInt8] {
        var bytes: [UInt8] = []
        for message in ControlMessageTests.toHost.shuffled(using: &random).prefix(3) {
            bytes += frame(1, stream: 0, message.encoded())
        }
        for id in [UInt32(2), 4, 6] {
            let opening = StreamOpeningTests.all.randomElement(using: &random)!
            bytes += frame(2, stream: id, [opening.kind] + opening.payload)
            bytes += frame(3, stream: id, random.bytes(Int.random(in: 1...40, using: &random)))
        }
        bytes += frame(4, stream: 1, [1, 0, 0, 0]) + frame(5, stream: 2) + frame(6, stream: 4, [1, 0, 0, 0])
        return bytes
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
        for _ in 0...Int.random(in: 0...3, using: &random) {
            guard !bytes.isEmpty else { return }
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0...4, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.remove(at: at)
            case 3: bytes.insert([0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random)!, at: at)
            default: bytes.removeSubrange(at...)
            }
        }
    }

    /// Two million conversations in all, a share for each seed, so that every core has work.
    @Test(arguments: UInt64(1)...8)
    func millionsOfChangedConversationsNeverTrapNorGrow(seed: UInt64) {
        var random = Seeded(state: seed)
        var base = conversation(&random)
        var errors = 0
        for round in 0..<250_000 {
            if round % 64 == 0 { base = conversation(&random) }
            var bytes = base
            mutate(&bytes, &random)
            let multiplexer = Multiplexer(role: .host)
            _ = try? multiplexer.openImplicit(.both)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            do {
                for part in [bytes[..<cut], bytes[cut...]] {
                    try bytes.withUnsafeBytes { all in
                        let piece = UnsafeRawBufferPointer(rebasing: all[part.startIndex..<part.endIndex])
                        try multiplexer.receive(piece) { event in
                            switch event {
                            case .data(let id, let data): multiplexer.consumed(id, data.count)
                            case .opened(_, let kind, let payload):
                                _ = try? StreamOpening(kind: kind, payload: payload, at: .host)
                            default: break
                            }
                        }
                    }
                }
            } catch {
                errors += 1
            }
            precondition(multiplexer.openStreams <= WireLimits.streams + 1)
            precondition(multiplexer.output.count < WireLimits.payloadBytes)
        }
        #expect(errors > 20_000, "the mutations are too tame to mean anything")
    }
}
