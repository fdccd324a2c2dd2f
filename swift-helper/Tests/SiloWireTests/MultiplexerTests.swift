import Testing

@testable import SiloWire

@Suite struct MultiplexerTests {
    let host = Multiplexer(role: .host)
    let guest = Multiplexer(role: .guest)

    @Test func anyConversationSurvivesAnySplit() throws {
        for seed in 0..<200 {
            var random = Seeded(state: UInt64(seed))
            let (bytes, expected) = try conversation(&random)
            let receiver = Multiplexer(role: .guest)
            var seen: [Seen] = []
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + Int.random(in: 1...(seed % 2 == 0 ? 20 : 70_000), using: &random))
                for event in try receiver.events(Array(bytes[offset..<end])) {
                    if case .data(let id, let more) = event, case .data(id, let before)? = seen.last {
                        seen[seen.count - 1] = .data(id, before + more)
                    } else {
                        seen.append(event)
                    }
                }
                offset = end
            }
            #expect(seen == expected)
        }
    }

    @Test func mutatedFramesNeverTrap() throws {
        for seed in 0..<3_000 {
            var random = Seeded(state: UInt64(seed))
            var (bytes, _) = try conversation(&random, short: true)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let receiver = Multiplexer(role: seed % 2 == 0 ? .guest : .host)
            _ = try? receiver.events(bytes)
            _ = try? receiver.events(random.bytes(200))
        }
    }

    @Test func aStreamSendsNoMoreThanItsCreditAndGoesOnWhenItIsReturned() throws {
        let id = try host.open(kind: 1)
        let bytes = [UInt8](repeating: 7, count: WireLimits.windowBytes + 10)
        #expect(host.sendData(id, bytes) == WireLimits.windowBytes)
        #expect(host.sendCredit(id) == 0)
        _ = try guest.events(host.takeOutput())
        guest.consumed(id, WireLimits.creditStepBytes - 1)
        #expect(guest.output.isEmpty, "credit goes back in large steps")
        guest.consumed(id, 1)
        #expect(try host.events(guest.takeOutput()) == [.credit(id)])
        #expect(host.sendCredit(id) == WireLimits.creditStepBytes)
    }

    @Test func moreDataThanCreditIsRefused() throws {
        try guest.acceptImplicit(1, .receive)
        let full = frame(3, stream: 1, [UInt8](repeating: 0, count: WireLimits.payloadBytes))
        for _ in 0..<4 { _ = try guest.events(full) }
        #expect(throws: WireError.creditOverrun(1)) { try guest.events(frame(3, stream: 1, [0])) }
    }

    @Test func moreCreditThanTheWindowIsRefused() throws {
        let id = try host.openImplicit(.send)
        _ = host.sendData(id, [1, 2, 3])
        #expect(throws: WireError.creditOverrun(id)) { try host.events(frame(4, stream: id, [4, 0, 0, 0])) }
    }

    @Test func aStreamIsOverAfterBothEnds() throws {
        let id = try host.open(kind: 9, payload: [1, 2])
        #expect(try guest.events(host.takeOutput()) == [.opened(id, 9, [1, 2])])
        host.sendEnd(id)
        #expect(try guest.events(host.takeOutput()) == [.ended(id)])
        #expect(guest.isOpen(id))
        guest.sendEnd(id)
        #expect(!guest.isOpen(id))
        #expect(try host.events(guest.takeOutput()) == [.ended(id)])
        #expect(!host.isOpen(id))
    }

    @Test func framesForAStreamThatIsOverAreDropped() throws {
        let id = try host.open(kind: 1)
        _ = try guest.events(host.takeOutput())
        host.reset(id, reason: 1)
        for bytes in [
            frame(3, stream: id, [1]), frame(4, stream: id, [1, 0, 0, 0]), frame(5, stream: id),
            frame(6, stream: id, [1, 0, 0, 0]),
        ] {
            #expect(try host.events(bytes) == [])
        }
        #expect(try guest.events(host.takeOutput()) == [.reset(id, 1)])
    }

    @Test func oneWayStreamsTakeNothingFromTheirOtherEnd() throws {
        let id = try host.openImplicit(.receive)
        #expect(host.sendData(id, [1]) == 0)
        _ = try host.events(frame(3, stream: id, [1]))
        #expect(try host.events(frame(5, stream: id)) == [.ended(id)])
        #expect(!host.isOpen(id))
        let other = try host.openImplicit(.send)
        #expect(throws: WireError.dataAfterEnd(other)) { try host.events(frame(3, stream: other, [1])) }
    }

    @Test func hostileFramesAreRefused() throws {
        let hostile: [([UInt8], WireError)] = [
            (frame(0, stream: 0), .unknownFrame(0)), (frame(7, stream: 1), .unknownFrame(7)),
            (frame(3, flags: 1, stream: 1, [1]), .reservedBits), (frame(1, flags: 2, stream: 0, [1]), .reservedBits),
            (frame(3, reserved: 256, stream: 1, [1]), .reservedBits),
            (Array(frame(3, stream: 1).dropLast(4)) + [1, 0, 1, 0], .payloadTooLong(65_537)),
            (Array(frame(3, stream: 1).dropLast(4)) + [255, 255, 255, 255], .payloadTooLong(.max)),
            (frame(1, stream: 3, [1]), .wrongStream(.control, 3)), (frame(3, stream: 0, [1]), .wrongStream(.data, 0)),
            (frame(3, stream: 2, [1]), .unknownStream(2)), (frame(3, stream: 9, [1]), .unknownStream(9)),
            (frame(2, stream: 1, [1]), .wrongStream(.open, 1)), (frame(2, stream: 2), .badLength(.open, 0)),
            (frame(3, stream: 1), .badLength(.data, 0)), (frame(4, stream: 1, [1]), .badLength(.credit, 1)),
            (frame(4, stream: 1, [0, 0, 0, 0]), .creditOverrun(1)), (frame(5, stream: 1, [1]), .badLength(.eof, 1)),
            (frame(6, stream: 1), .badLength(.reset, 0)), (frame(1, stream: 0), .badLength(.control, 0)),
            (frame(1, stream: 0, [77, 7]), .unknownControl(1869)),
        ]
        for (bytes, expected) in hostile {
            let host = Multiplexer(role: .host)
            _ = try host.openImplicit(.receive)
            #expect(throws: expected) { try host.events(bytes) }
            #expect(throws: expected, "an error stays") { try host.events(frame(5, stream: 1)) }
        }
    }

    @Test func peersMayNotOpenTooManyStreamsOrUseANumberTwice() throws {
        for index in 1...WireLimits.streams { _ = try host.events(frame(2, stream: UInt32(index * 2), [1])) }
        #expect(throws: WireError.tooManyStreams) { try host.events(frame(2, stream: 4000, [1])) }
        _ = try guest.events(frame(2, stream: 5, [1]))
        #expect(throws: WireError.wrongStream(.open, 5)) { try guest.events(frame(2, stream: 5, [1])) }
        #expect(throws: WireError.wrongStream(.open, 4)) { try guest.acceptImplicit(4, .both) }
    }

    @Test func longControlMessagesGoInParts() throws {
        let message = ControlMessage.failed(message: [UInt8](repeating: 65, count: 200_000))
        try guest.send(message)
        #expect(try host.events(guest.takeOutput()) == [.control(message)])
        let tooLong = ControlMessage.failed(message: [UInt8](repeating: 65, count: WireLimits.controlToHostBytes))
        #expect(throws: WireError.self) { try guest.send(tooLong) }
        #expect(guest.output.isEmpty)
        let part = frame(1, flags: 1, stream: 0, [UInt8](repeating: 0, count: WireLimits.payloadBytes))
        for _ in 0..<4 { _ = try host.events(part) }
        #expect(throws: WireError.self, "an endless message is cut off") { try host.events(part) }
    }

    @Test func handlersMayAnswerWhileTheyAreCalled() throws {
        let id = try host.open(kind: 1)
        _ = host.sendData(id, [1, 2, 3])
        let bytes = host.takeOutput()
        bytes.withUnsafeBytes { buffer in
            try? guest.receive(buffer) { event in
                if case .data(let id, let bytes) = event {
                    guest.consumed(id, bytes.count)
                    guest.reset(id, reason: 2)
                }
            }
        }
        #expect(try host.events(guest.takeOutput()) == [.reset(id, 2)])
    }

    /// What a host might send, and the events it must cause.
    private func conversation(
        _ random: inout Seeded, short: Bool = false
    ) throws -> (bytes: [UInt8], events: [Seen]) {
        let host = Multiplexer(role: .host)
        var expected: [Seen] = []
        var open: [StreamID] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let payload = random.bytes(Int.random(in: 0..<100, using: &random))
                let id = try host.open(kind: 3, payload: payload)
                open.append(id)
                expected.append(.opened(id, 3, payload))
            case 1:
                let message = ControlMessageTests.toGuest.randomElement(using: &random)!
                try host.send(message)
                expected.append(.control(message))
            case 2...4:
                guard let id = open.randomElement(using: &random) else { continue }
                let bytes = random.bytes(Int.random(in: 1...(short ? 50 : 5_000), using: &random))
                guard host.sendCredit(id) >= bytes.count else { continue }
                _ = host.sendData(id, bytes)
                if case .data(id, let before)? = expected.last {
                    expected[expected.count - 1] = .data(id, before + bytes)
                } else {
                    expected.append(.data(id, bytes))
                }
            default:
                guard !open.isEmpty else { continue }
                let id = open.removeFirst()
                host.reset(id, reason: 1)
                expected.append(.reset(id, 1))
            }
        }
        try host.send(.ping(1))
        return (host.takeOutput(), expected + [.control(.ping(1))])
    }
}
