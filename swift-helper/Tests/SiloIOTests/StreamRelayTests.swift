import CSilo
import SiloIO
import SiloWire
import Testing

/// A program's socket, a relay, the wire, a relay, a server's socket.
@Suite final class StreamRelayTests {
    let ends: Ends
    let program: Int32
    let server: Int32
    private var relays: [StreamRelay] = []
    private(set) var ended = 0

    init() throws {
        silo_ignore_sigpipe()
        ends = try Ends()
        let inside = try IO.socketPair()
        let outside = try IO.socketPair()
        program = inside.0
        server = outside.0
        let port = ends.host
        port.onOpened = { [unowned self] id, _, _ in
            relays.append(StreamRelay(fd: outside.1, stream: id, port: port) { self.ended += 1 })
        }
        let id = try ends.guest.multiplexer.open(kind: StreamOpening.proxy.kind)
        relays.append(StreamRelay(fd: inside.1, stream: id, port: ends.guest) { self.ended += 1 })
        ends.guest.flush()
    }

    deinit { ends.close() }

    private func run(_ milliseconds: Int = 20_000, until condition: () -> Bool) -> Bool {
        ends.reactor.run(
            until: {
                ends.reactor.after(milliseconds: 1) {}
                return condition()
            }, milliseconds: milliseconds)
    }

    /// Reads to the end of input.
    private func drain(_ fd: Int32, into bytes: inout [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            switch piece.withUnsafeMutableBytes({ IO.read(fd, into: $0) }) {
            case .bytes(let count): bytes += piece[..<count]
            case .wouldBlock: return false
            case .end, .failed: return true
            }
        }
    }

    @Test func bytesGoBothWaysAtOnceAndEachWayHasItsOwnEnd() {
        let up = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let down = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
        var sent = (up: 0, down: 0)
        var got = (up: [UInt8](), down: [UInt8]())
        var isUpOver = false
        let isDone = run {
            sent.up += fill(program, Array(up[sent.up...].prefix(100_000)))
            if sent.up == up.count { shutdown(program, Int32(SHUT_WR)) }
            if drain(server, into: &got.up) { isUpOver = true }
            // The server answers to the end although the program has long ended its side.
            guard isUpOver else { return false }
            sent.down += fill(server, Array(down[sent.down...].prefix(100_000)))
            if sent.down == down.count { shutdown(server, Int32(SHUT_WR)) }
            return drain(program, into: &got.down)
        }
        #expect(isDone)
        #expect(got.up == up)
        #expect(got.down == down)
        #expect(run { ended == 2 })
        #expect(ends.host.multiplexer.openStreams == 0)
    }

    @Test func aServerThatGoesWithoutAWordEndsTheConnectionAtOnce() {
        var nothing: [UInt8] = []
        _ = run { ends.host.multiplexer.openStreams == 1 }
        closeDescriptor(server)
        #expect(run { drain(program, into: &nothing) })
        #expect(nothing.isEmpty)
        #expect(run { ended == 2 })
    }

    @Test func anAnswerArrivesWholeAlthoughTheServerHasHeardEnough() {
        let answer = [UInt8](repeating: 7, count: 150_000)
        var got: [UInt8] = []
        _ = run { ends.host.multiplexer.openStreams == 1 }
        #expect(fill(server, answer) > 0)
        closeDescriptor(server)
        // The program goes on sending to nobody.
        let isDone = run {
            _ = fill(program, [UInt8](repeating: 1, count: 10_000))
            return drain(program, into: &got)
        }
        #expect(isDone)
        #expect(!got.isEmpty && got.allSatisfy { $0 == 7 })
        closeDescriptor(program)
        #expect(run { ended == 2 })
    }

    @Test func aProgramThatReadsNothingHoldsBackItsServerAlone() {
        _ = run { ends.host.multiplexer.openStreams == 1 }
        var sent = 0
        var last = -1
        _ = run(300) {
            last = sent
            sent += fill(server, [UInt8](repeating: 1, count: 65_536))
            return false
        }
        #expect(sent == last)
        #expect(sent < 2 << 20)
        for relay in relays { relay.cancel() }
        #expect(ended == 2)
    }
}
