import Testing

@testable import SiloWire

@Suite struct StreamOpeningTests {
    static let all: [StreamOpening] = [
        .proxy, .dns, .direct(address: IPv4Address(198, 18, 0, 7), port: 5432),
        .direct(address: IPv4Address(255, 255, 255, 255), port: 65_535), .sshAgent, .port(1), .port(65_535),
    ]

    @Test(arguments: all)
    func everyOpeningComesBackAsItWas(_ opening: StreamOpening) throws {
        let receiver: WireRole = opening.opener == .guest ? .host : .guest
        #expect(try StreamOpening(kind: opening.kind, payload: opening.payload, at: receiver) == opening)
    }

    @Test(arguments: all)
    func noEndOpensWhatOnlyTheOtherMay(_ opening: StreamOpening) {
        #expect(throws: WireError.self) {
            try StreamOpening(kind: opening.kind, payload: opening.payload, at: opening.opener)
        }
    }

    @Test func whatIsTooShortTooLongOrUnknownIsRefused() {
        let cases: [(UInt8, [UInt8])] = [
            (0, []), (200, []), (1, [1]), (2, [0]), (3, []), (3, [1, 2, 3, 4, 5]), (3, [1, 2, 3, 4, 5, 6, 7]),
            (3, [1, 2, 3, 4, 0, 0]), (4, [0]), (5, [1, 0]),
        ]
        for (kind, payload) in cases {
            #expect(throws: WireError.self) { try StreamOpening(kind: kind, payload: payload, at: .host) }
        }
    }

    @Test func aPortHasTwoBytesAndIsNotZero() {
        for payload: [UInt8] in [[], [80], [0, 0], [80, 0, 0]] {
            #expect(throws: WireError.self) { try StreamOpening(kind: 5, payload: payload, at: .guest) }
        }
    }

    @Test func addressesAreWrittenWithDots() {
        #expect(IPv4Address(198, 18, 0, 1).description == "198.18.0.1")
        #expect(IPv4Address(127, 0, 0, 1).value == 0x7f00_0001)
    }
}
