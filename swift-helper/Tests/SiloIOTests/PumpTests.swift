import CSilo
import SiloIO
import SiloWire
import Testing

/// Sources and sinks, from a pipe over a wire to a pipe.
@Suite struct PumpTests {
    let ends: Ends
    let input: (read: Int32, write: Int32)
    let output: (read: Int32, write: Int32)

    init() throws {
        silo_ignore_sigpipe()
        ends = try Ends()
        input = try IO.pipe(nonblocking: true)
        output = try IO.pipe(nonblocking: true)
    }

    @Test func bytesArriveWholeAndInOrderThroughASlowReader() throws {
        let id = try ends.stream()
        var sourceEnd: StreamSource.End?
        var sinkEnd: StreamSink.End?
        let source = StreamSource(fd: input.read, stream: id, port: ends.guest) { sourceEnd = $0 }
        let sink = StreamSink(fd: output.write, stream: id, port: ends.host) { sinkEnd = $0 }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var sent = 0
        var received: [UInt8] = []
        let isDone = ends.reactor.run(
            until: {
                sent += fill(input.write, Array(bytes[sent..<min(bytes.count, sent + 100_000)]))
                if sent == bytes.count, sourceEnd == nil { close(input.write) }
                received += readAll(output.read)
                #expect(sink.queuedBytes <= WireLimits.windowBytes)
                ends.reactor.after(milliseconds: 1) {}
                return sinkEnd != nil
            }, milliseconds: 30_000)
        #expect(isDone)
        received += readAll(output.read)
        #expect(received == bytes)
        #expect(sourceEnd == .finished)
        #expect(sinkEnd == .finished)
        withExtendedLifetime(source) { ends.close() }
    }

    @Test func aReaderThatReadsNothingStopsItsStreamButNoOther() throws {
        let stuck = try ends.stream()
        let live = try ends.stream()
        let stuckSource = StreamSource(fd: input.read, stream: stuck, port: ends.guest) { _ in }
        let stuckSink = StreamSink(fd: output.write, stream: stuck, port: ends.host) { _ in }
        var sent = 0
        // Pipe, window and output fill up; then nothing moves any more.
        var last = -1
        _ = ends.reactor.run(
            until: {
                last = sent
                sent += fill(input.write, [UInt8](repeating: 1, count: 65_536))
                return false
            }, milliseconds: 200)
        #expect(sent == last)
        #expect(sent < 1 << 20)
        let (otherIn, otherOut) = (try IO.pipe(nonblocking: true), try IO.pipe(nonblocking: true))
        var end: StreamSink.End?
        let source = StreamSource(fd: otherIn.read, stream: live, port: ends.guest) { _ in }
        let sink = StreamSink(fd: otherOut.write, stream: live, port: ends.host) { end = $0 }
        _ = fill(otherIn.write, Array("alive".utf8))
        close(otherIn.write)
        #expect(ends.reactor.run(until: { end != nil }, milliseconds: 5_000))
        #expect(readAll(otherOut.read) == Array("alive".utf8))
        withExtendedLifetime((stuckSource, stuckSink, source, sink)) { ends.close() }
    }

    @Test func aReaderThatGoesAwayClosesTheWriter() throws {
        let id = try ends.stream()
        var sourceEnd: StreamSource.End?
        var sinkEnd: StreamSink.End?
        let source = StreamSource(fd: input.read, stream: id, port: ends.guest) { sourceEnd = $0 }
        let sink = StreamSink(fd: output.write, stream: id, port: ends.host) { sinkEnd = $0 }
        // Nothing is written: the hang-up alone must be enough.
        close(output.read)
        #expect(ends.reactor.run(until: { sourceEnd != nil && sinkEnd != nil }, milliseconds: 5_000))
        #expect(sourceEnd == .reset)
        #expect(sinkEnd == .readerGone)
        #expect(fill(input.write, [1]) == 0, "the pipe is broken")
        #expect(ends.host.multiplexer.openStreams == 0)
        withExtendedLifetime((source, sink)) { ends.close() }
    }

    @Test func aSourceThatIsToldSoEndsWhenItIsEmptyThoughItsWriterStays() throws {
        let id = try ends.stream()
        var sinkEnd: StreamSink.End?
        let source = StreamSource(fd: input.read, stream: id, port: ends.guest) { _ in }
        let sink = StreamSink(fd: output.write, stream: id, port: ends.host) { sinkEnd = $0 }
        let sent = fill(input.write, [UInt8](repeating: 9, count: 60_000))
        source.finishWhenEmpty()
        #expect(ends.reactor.run(until: { sinkEnd == .finished }, milliseconds: 5_000))
        #expect(readAll(output.read).count == sent)
        withExtendedLifetime(sink) { ends.close() }
    }

    @Test func thePortTellsWhenTheOtherEndIsGoneAndWhenItTalksNonsense() throws {
        var end: PortEnd?
        ends.host.onClosed = { end = $0 }
        ends.guest.close()
        _ = fill(ends.fds.guest, Array("hello, world".utf8))
        #expect(ends.reactor.run(until: { end != nil }, milliseconds: 5_000))
        #expect(end == .protocolError(.unknownFrame(UInt8(ascii: "h"))))

        let other = try Ends()
        other.host.onClosed = { end = $0 }
        other.guest.close()
        close(other.fds.guest)
        #expect(other.reactor.run(until: { end == .hungUp }, milliseconds: 5_000))
    }

    @Test func aStreamThatNobodyExpectsIsRefused() throws {
        let id = try ends.guest.multiplexer.open(kind: 5)
        ends.guest.flush()
        #expect(ends.reactor.run(until: { !ends.guest.multiplexer.isOpen(id) }, milliseconds: 5_000))
        ends.close()
    }
}
