import Testing

@testable import SiloProtocol

@Suite struct RequestTests {
    private func error(_ text: String) -> ErrorObject? {
        guard case .failure(let failure) = JSONCoding.request(from: Array(text.utf8)) else { return nil }
        return failure.error
    }

    @Test func whatIsNoJSONIsAParseError() {
        for text in ["", "{", "nope", "\u{0}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}}"] {
            #expect(error(text)?.code == -32700, "\(text)")
        }
    }

    @Test func whatIsNoRequestIsAnInvalidRequest() {
        let wrongVersion = #"{"jsonrpc":"1.0","id":1,"method":"x"}"#
        for text in ["[]", "1", "{}", wrongVersion, #"{"jsonrpc":"2.0","id":1}"#] {
            #expect(error(text)?.code == -32600, "\(text)")
        }
    }

    @Test func anUnknownMethodKeepsItsID() throws {
        let text = #"{"jsonrpc":"2.0","id":"a","method":"x/y"}"#
        let request = try JSONCoding.request(from: Array(text.utf8)).get()
        #expect(request.id == .text("a"))
        #expect(request.call == .failure(RequestFailure(.unknownMethod("x/y"))))
    }

    @Test func missingParametersAreNamed() throws {
        let text = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"machine/start\"}"
        let request = try JSONCoding.request(from: Array(text.utf8)).get()
        guard case .failure(let failure) = request.call else {
            Issue.record("was accepted")
            return
        }
        #expect(failure.error.data?.kind == .invalid)
        #expect(failure.error.data?.field == "params")
    }

    @Test func versionsAreCompatibleByTheirMajorNumber() {
        for version in ["1.0", "1.7", "1.123"] { #expect(ProtocolVersion.isCompatible(version)) }
        for version in ["2.0", "0.9", "1", "", "1.", ".1", "1.0.0", "1.x", "11.0", "-1.0", " 1.0"] {
            #expect(!ProtocolVersion.isCompatible(version), "\(version)")
        }
    }
}

@Suite struct ByteStringTests {
    @Test func anyBytesSurvive() throws {
        for bytes: [UInt8] in [[], [0xff], [0x61, 0xc3], Array("ä\n\"\\".utf8), Array(1...255)] {
            let encoded = try JSONCoding.encode([ByteString(bytes)])
            #expect(try JSONCoding.decode([ByteString].self, from: encoded) == [ByteString(bytes)])
        }
    }

    @Test func base64IsWrittenOnlyWhereItMustBe() throws {
        let text = { (string: ByteString) in String(decoding: try JSONCoding.encode([string]), as: UTF8.self) }
        #expect(try text(ByteString("a/ä")) == #"["a/ä"]"#)
        #expect(try text(ByteString([0xff])) == #"[{"base64":"/w=="}]"#)
    }
}

@Suite struct GuestSignalTests {
    @Test func everyNumberHasANameThatLeadsBack() throws {
        for number in UInt8(1)...64 {
            let signal = try #require(GuestSignal(number: number))
            guard number != 32, number != 33 else { continue }
            #expect(GuestSignal(name: signal.name) == signal, "\(signal.name)")
        }
        #expect(GuestSignal(number: 0) == nil)
        #expect(GuestSignal(number: 65) == nil)
        #expect(GuestSignal(name: "SIGTERM")?.number == 15)
        #expect(GuestSignal(name: "SIGRTMIN")?.number == 34)
        for name in ["", "TERM", "sigterm", "SIGRTMIN+31", "SIGRTMIN+0", "SIGRTMAX", "15"] {
            #expect(GuestSignal(name: name) == nil, "\(name)")
        }
    }
}
