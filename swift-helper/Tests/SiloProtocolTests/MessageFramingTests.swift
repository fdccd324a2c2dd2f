import Testing

@testable import SiloProtocol

@Suite struct MessageFramingTests {
    private func bodies(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var decoder = MessageDecoder()
        decoder.append(bytes)
        var bodies: [[UInt8]] = []
        while let body = try decoder.next() { bodies.append(body) }
        return bodies
    }

    @Test func anySplitGivesTheSameMessages() throws {
        var random = SplitMix(state: 7)
        for _ in 0..<300 {
            let sent = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            let bytes = sent.flatMap { MessageEncoder.frame($0) }
            var decoder = MessageDecoder()
            var received: [[UInt8]] = []
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + Int.random(in: 1...40, using: &random))
                decoder.append(bytes[offset..<end])
                while let body = try decoder.next() { received.append(body) }
                offset = end
            }
            #expect(received == sent)
            #expect(decoder.isAtBoundary)
        }
    }

    @Test func rubbishIsRefusedAndNeverTraps() {
        var random = SplitMix(state: 11)
        let alphabet = Array("Content-Length: 0123456789\r\n\r\n:x{}".utf8) + [0, 255]
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in alphabet.randomElement(using: &random)!
            }
            _ = try? bodies(bytes)
        }
    }

    @Test func otherHeadersAndAnyCaseAreTaken() throws {
        let bytes = "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:  2\r\n\r\n{}"
        #expect(try bodies(Array(bytes.utf8)) == [Array("{}".utf8)])
    }

    @Test func wrongLengthsAreRefused() {
        for header in [
            "Content-Length: -1", "Content-Length: 1x", "Content-Length: ", "Content-Length: 1\r\nContent-Length: 1",
            "Content-Length: 99999999999999999999", "Content-Length: 16777217", "X: 1", "no colon",
        ] {
            #expect(throws: MessageDecoder.FramingError.self, "\(header)") {
                try bodies(Array("\(header)\r\n\r\n".utf8))
            }
        }
    }

    @Test func aHeaderWithoutEndIsRefused() throws {
        #expect(try bodies([UInt8](repeating: 65, count: MessageDecoder.maximumHeaderBytes - 1)).isEmpty)
        #expect(throws: MessageDecoder.FramingError.self) {
            try bodies([UInt8](repeating: 65, count: MessageDecoder.maximumHeaderBytes))
        }
    }
}

/// Reproducible randomness.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
