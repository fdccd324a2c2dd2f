/// Many flow-controlled streams and the control messages over one pipe of bytes, without any input or output:
/// `receive` turns bytes of the other end into events, the calls of `Multiplexer+Send.swift` put bytes into `output`.
///
/// Memory is bounded whatever the other end sends: one control message, one OPEN payload, `WireLimits.streams` streams.
/// DATA is handed on in pieces as it comes and is never stored here. `output` is bounded by the credit of the streams
/// plus the control messages, and by senders that look at `output.count` first.
///
/// One thread at a time. Event handlers may call back into the multiplexer, except into `receive`.
public final class Multiplexer {
    public enum Event {
        case control(ControlMessage)
        /// The other end opened a stream of `kind`. Take it or `reset` it.
        case opened(StreamID, kind: UInt8, payload: [UInt8])
        /// Bytes of a stream, valid during the call only. Each byte must be passed to `consumed` later or now.
        case data(StreamID, UnsafeRawBufferPointer)
        /// The other end accepts more bytes (`sendCredit`).
        case credit(StreamID)
        /// The other end sends no more on this stream.
        case ended(StreamID)
        /// Both directions are over; the number is no longer valid here.
        case reset(StreamID, reason: UInt32)
    }

    public let role: WireRole
    /// Bytes for the other end: write `output.readable`, then `output.consume`.
    public let output = ByteQueue(capacity: 2 * (WireLimits.payloadBytes + WireLimits.headerBytes))

    var streams: [StreamID: StreamState] = [:]
    /// The next number that this end gives away, and the highest one the other end has used.
    var nextOwn: StreamID
    var highestPeer: StreamID = 0
    /// Streams of `streams` that the other end opened with OPEN.
    var peerStreams = 0

    /// The parser: a header that is not whole yet, then its frame's payload.
    private let header = ByteQueue(capacity: WireLimits.headerBytes)
    private var frame: FrameHeader?
    private var payloadLeft = 0
    private var payload: [UInt8] = []
    /// The stream of the current DATA frame; nil if it is over and the bytes are dropped.
    private var dataStream: StreamState?
    private let control = ByteQueue(capacity: 4096)
    private var failure: WireError?

    public init(role: WireRole) {
        self.role = role
        nextOwn = role == .host ? 1 : 2
    }

    /// Whether frames of this number may come from or go to somebody: it is neither over nor unknown.
    public func isOpen(_ id: StreamID) -> Bool { streams[id] != nil }

    /// Streams that are not over.
    public var openStreams: Int { streams.count }

    /// Takes the next bytes of the other end, split anywhere. Calls `handle` for each event, in order.
    ///
    /// Throws at the first byte that breaks the protocol, and the same error at every later call.
    public func receive(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) -> Void) throws(WireError) {
        if let failure { throw failure }
        do {
            try parse(bytes, handle)
        } catch {
            failure = error
            throw error
        }
    }

    private func parse(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) -> Void) throws(WireError) {
        var offset = 0
        while true {
            if frame == nil {
                guard let next = try takeHeader(bytes, &offset) else { return }
                try begin(next)
                frame = next
                payloadLeft = next.length
            }
            guard let frame else { return }
            let count = min(payloadLeft, bytes.count - offset)
            if count > 0 {
                let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
                offset += count
                payloadLeft -= count
                take(piece, of: frame, handle)
            }
            guard payloadLeft == 0 else { return }
            self.frame = nil
            try finish(frame, handle)
        }
    }

    /// The next header, or nil when the bytes end before it is whole.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) throws(WireError) -> FrameHeader? {
        let left = bytes.count - offset
        if header.isEmpty, left >= WireLimits.headerBytes {
            defer { offset += WireLimits.headerBytes }
            return try FrameHeader(parsing: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        }
        let count = min(WireLimits.headerBytes - header.count, left)
        header.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
        offset += count
        guard header.count == WireLimits.headerBytes else { return nil }
        defer { header.consume(WireLimits.headerBytes) }
        return try FrameHeader(parsing: header.readable)
    }

    /// Refuses a frame by its header, before any of its payload is stored.
    private func begin(_ frame: FrameHeader) throws(WireError) {
        switch frame.type {
        case .control:
            guard control.count + frame.length <= role.incomingControlBytes else {
                throw .controlTooLong(control.count + frame.length)
            }
        case .open:
            guard frame.stream % 2 == (role == .host ? 0 : 1), frame.stream > highestPeer else {
                throw .wrongStream(.open, frame.stream)
            }
        case .data:
            dataStream = try known(frame.stream)
            guard let stream = dataStream else { break }
            guard !stream.receiveEnded else { throw .dataAfterEnd(frame.stream) }
            guard frame.length <= stream.receiveCredit else { throw .creditOverrun(frame.stream) }
            stream.receiveCredit -= frame.length
        case .credit, .eof, .reset: _ = try known(frame.stream)
        }
    }

    /// The live stream of that number, nil if it is over.
    private func known(_ id: StreamID) throws(WireError) -> StreamState? {
        if let stream = streams[id] { return stream }
        let isOwn = id % 2 == nextOwn % 2
        guard isOwn ? id < nextOwn : id <= highestPeer else { throw .unknownStream(id) }
        return nil
    }

    private func take(_ piece: UnsafeRawBufferPointer, of frame: FrameHeader, _ handle: (Event) -> Void) {
        switch frame.type {
        case .control: control.append(piece)
        case .data:
            guard let stream = dataStream, !stream.isOver else { return }
            stream.unconsumed += piece.count
            handle(.data(stream.id, piece))
        default: payload.append(contentsOf: piece)
        }
    }

    private func finish(_ frame: FrameHeader, _ handle: (Event) -> Void) throws(WireError) {
        defer { payload.removeAll(keepingCapacity: true) }
        switch frame.type {
        case .control:
            guard frame.flags & FrameHeader.more == 0 else { return }
            let message = try ControlMessage(decoding: control.readable, at: role)
            control.consume(control.count)
            control.shrink(to: WireLimits.payloadBytes)
            handle(.control(message))
        case .open:
            guard peerStreams < WireLimits.streams else { throw .tooManyStreams }
            highestPeer = frame.stream
            peerStreams += 1
            streams[frame.stream] = StreamState(id: frame.stream, direction: .both)
            handle(.opened(frame.stream, kind: payload[0], payload: Array(payload.dropFirst())))
        case .data: dataStream = nil
        case .credit:
            guard let stream = streams[frame.stream] else { return }
            let more = payload.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
            let total = stream.sendCredit + Int(more)
            guard more > 0, total <= WireLimits.windowBytes else { throw .creditOverrun(frame.stream) }
            stream.sendCredit = total
            if !stream.sendEnded { handle(.credit(frame.stream)) }
        case .eof:
            guard let stream = streams[frame.stream] else { return }
            guard !stream.receiveEnded else { throw .dataAfterEnd(frame.stream) }
            stream.receiveEnded = true
            forgetIfOver(stream)
            handle(.ended(frame.stream))
        case .reset:
            guard let stream = streams[frame.stream] else { return }
            let reason = payload.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
            forget(stream)
            handle(.reset(frame.stream, reason: reason))
        }
    }

    func forgetIfOver(_ stream: StreamState) {
        if stream.isOver { forget(stream) }
    }

    func forget(_ stream: StreamState) {
        stream.sendEnded = true
        stream.receiveEnded = true
        guard streams.removeValue(forKey: stream.id) != nil else { return }
        if stream.id % 2 != nextOwn % 2 { peerStreams -= 1 }
    }
}
