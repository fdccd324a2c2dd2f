import Testing

@testable import SiloWire

@Suite struct ControlMessageTests {
    static let base = BaseConfiguration(
        hostname: Array("silo".utf8), scratch: .disk,
        user: .init(
            uid: 1000, gid: 1001, name: Array("silo".utf8), home: Array("/home/silo".utf8), shell: Array("/bin/sh".utf8)
        ),
        hasNetwork: true, certificates: Array("PEM".utf8))

    static let configuration = Configuration(
        base: base, clockNanoseconds: 1_700_000_000_123_456_789, entropy: Array(0..<64), machineID: Array(0..<16),
        authority: Array("OWN".utf8),
        shares: [
            .init(tag: Array("share0".utf8), guestPath: Array("/workspace".utf8), readOnly: false),
            .init(
                tag: [0xff], subpath: Array("a/b".utf8), guestPath: Array("/x".utf8), readOnly: true, messageBytes: 8192
            ),
        ],
        sysctls: [.init(name: Array("kernel.pid_max".utf8), value: Array("99".utf8))], processes: 512,
        passesSSHAgent: true, watchesPorts: true)

    static let start = StartRequest(
        process: 7, arguments: [Array("python".utf8), [], [0xff, 0x80], Array("--".utf8)],
        environment: [Array("PATH=/bin".utf8)], workingDirectory: Array("/workspace".utf8), uid: 1000, gid: 1001,
        groups: [5, 6], stdio: .init(stdin: .pipe, stdout: .terminal, stderr: .pipe),
        streams: .init(stdin: 1, stderr: 3, terminal: 5), rows: 24, columns: 80, terminalMode: .cooked)

    static let toGuest: [ControlMessage] = [
        .configure(configuration), .start(start), .signal(process: 1, number: 2, scope: .group),
        .resize(process: 1, rows: 50, columns: 132), .shutdown, .ping(.max), .clock(.max),
        .prepare(
            .init(
                base: base, arguments: [Array("python3".utf8), []], environment: [Array("PATH=/bin".utf8)],
                limitMilliseconds: 5_000)),
    ]
    static let toHost: [ControlMessage] = [
        .hello(version: 1, agent: Array("0.1.0".utf8), kernel: Array("6.1".utf8)), .configured,
        .started(process: 1, pid: 99), .startFailed(process: 1, stage: .chdir, errno: -2),
        .exited(process: 1, status: .code(255)), .exited(process: 1, status: .signal(15)),
        .stopped(process: 1, signal: 20), .failed(message: Array("no disk".utf8)), .notice(message: []), .pong(1),
        .prepared(warm: true),
    ]

    @Test func everyMessageComesBackAsItWas() throws {
        for (messages, role) in [(Self.toGuest, WireRole.guest), (Self.toHost, .host)] {
            for message in messages { #expect(try decode(message.encoded(), role) == message) }
        }
    }

    @Test func messagesOfTheOtherDirectionAreUnknown() {
        for message in Self.toGuest {
            #expect(throws: WireError.unknownControl(message.kind)) { try decode(message.encoded(), .host) }
        }
        for message in Self.toHost {
            #expect(throws: WireError.unknownControl(message.kind)) { try decode(message.encoded(), .guest) }
        }
    }

    @Test func everyPrefixAndEveryExtensionIsRefused() {
        for (messages, role) in [(Self.toGuest, WireRole.guest), (Self.toHost, .host)] {
            for message in messages {
                let bytes = message.encoded()
                for length in 0..<bytes.count {
                    #expect(throws: WireError.self) { try decode(Array(bytes[..<length]), role) }
                }
                #expect(throws: WireError.self) { try decode(bytes + [0], role) }
            }
        }
    }

    @Test func mutatedMessagesNeverTrap() {
        var random = Seeded(state: 1)
        for round in 0..<20_000 {
            let (messages, role) = round % 2 == 0 ? (Self.toGuest, WireRole.guest) : (Self.toHost, .host)
            var bytes = messages.randomElement(using: &random)!.encoded()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? decode(bytes, role)
        }
    }

    @Test func aListThatClaimsMoreThanThereIsAllocatesNothing() {
        // START: process, then a list of 4,294,967,295 arguments.
        #expect(throws: WireError.badControl("a list is longer than its message")) {
            try decode([2, 0, 1, 0, 0, 0, 255, 255, 255, 255], .guest)
        }
    }

    @Test func whatCannotBeIsRefused() {
        var start = Self.start
        start.arguments = []
        #expect(throws: WireError.self) { try decode(ControlMessage.start(start).encoded(), .guest) }
        start = Self.start
        start.arguments[0] = [65, 0, 66]
        #expect(throws: WireError.self) { try decode(ControlMessage.start(start).encoded(), .guest) }
        start = Self.start
        start.streams.stdout = 9
        #expect(throws: WireError.self) { try decode(ControlMessage.start(start).encoded(), .guest) }
        let signal = ControlMessage.signal(process: 1, number: 65, scope: .process)
        #expect(throws: WireError.self) { try decode(signal.encoded(), .guest) }
        #expect(throws: WireError.self) {
            try decode(ControlMessage.exited(process: 1, status: .signal(0)).encoded(), .host)
        }
    }

    private func decode(_ bytes: [UInt8], _ role: WireRole) throws -> ControlMessage {
        try bytes.withUnsafeBytes { try ControlMessage(decoding: $0, at: role) }
    }
}
