import CSilo
import SiloIO
import SiloWire

/// DNS over UDP: queries go to the host over one stream, each behind its length, and come back in the same order.
/// Whatever does not fit is dropped, as UDP may: resolvers ask again.
final class DatagramRelay: StreamHandler {
    /// Queries whose answers are not here yet.
    private static let pendingLimit = 512
    private static let queriesPerTurn = 64
    /// A DNS header; anything shorter has no answer.
    private static let shortestQuery = 12
    private static let longestQuery = 4096

    private(set) var stream: StreamID = 0
    private let streams: StreamOpener
    private let fd: Int32
    private var watch: Watch!
    private var pending = ArraySlice<Client>()
    private let answers = ByteQueue(capacity: 1024)
    private var isOpen = false

    private struct Client {
        let address: UInt32
        let port: UInt16
    }

    init(streams: StreamOpener, address: IPv4Address, port: UInt16) throws(SystemError) {
        fd = silo_udp_bind(address.value, port)
        guard fd >= 0 else { throw SystemError("serve UDP on \(address):\(port)") }
        self.streams = streams
        watch = streams.port.reactor.watch(fd, .read) { [unowned self] _ in takeQueries() }
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        streams.port.multiplexer.consumed(stream, bytes.count)
        answers.append(bytes)
        while answers.count >= 2 {
            let length = Int(answers.readable[0]) << 8 | Int(answers.readable[1])
            guard answers.count >= 2 + length else { break }
            if let client = pending.popFirst() {
                let answer = UnsafeRawBufferPointer(rebasing: answers.readable[2..<2 + length])
                _ = silo_udp_send(fd, answer.baseAddress, answer.count, client.address, client.port)
            }
            answers.consume(2 + length)
        }
        streams.port.flush()
    }

    func ended() { close() }

    func wasReset(_ reason: UInt32) {
        isOpen = false
        forget()
    }

    private func takeQueries() {
        withUnsafeTemporaryAllocation(byteCount: Self.longestQuery + 1, alignment: 1) { buffer in
            for _ in 0..<Self.queriesPerTurn {
                var client = (address: UInt32(0), port: UInt16(0))
                let count = silo_udp_receive(fd, buffer.baseAddress!, buffer.count, &client.address, &client.port)
                guard count >= 0 else { break }
                guard (Self.shortestQuery...Self.longestQuery).contains(count) else { continue }
                ask(
                    UnsafeRawBufferPointer(rebasing: buffer[..<count]),
                    for: Client(address: client.address, port: client.port))
            }
        }
        streams.port.flush()
    }

    private func ask(_ query: UnsafeRawBufferPointer, for client: Client) {
        guard pending.count < Self.pendingLimit, ensureOpen() else { return }
        let multiplexer = streams.port.multiplexer
        // In one piece or not at all: the stream must not lose its framing.
        guard multiplexer.sendCredit(stream) >= 2 + query.count else { return }
        let sent = multiplexer.sendData(stream, upTo: 2 + query.count) { room in
            room[0] = UInt8(query.count >> 8)
            room[1] = UInt8(query.count & 255)
            UnsafeMutableRawBufferPointer(rebasing: room[2...]).copyMemory(from: query)
            return 2 + query.count
        }
        if sent > 0 { pending.append(client) }
    }

    private func ensureOpen() -> Bool {
        if isOpen { return true }
        guard let id = streams.open(.dns) else { return false }
        stream = id
        isOpen = true
        streams.port.attach(self, to: id)
        return true
    }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        streams.port.multiplexer.reset(stream, reason: ResetReason.closed)
        streams.port.detach(stream)
        forget()
    }

    /// Those who wait ask again, over a new stream.
    private func forget() {
        pending = []
        answers.consume(answers.count)
    }
}
