extension Multiplexer {
    /// Queues a control message. Throws `controlTooLong` if the other end would refuse it; nothing is queued then.
    public func send(_ message: ControlMessage) throws(WireError) {
        let bytes = message.encoded()
        guard bytes.count <= role.outgoingControlBytes else { throw .controlTooLong(bytes.count) }
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            repeat {
                let count = min(WireLimits.payloadBytes, bytes.count - offset)
                let isLast = offset + count == bytes.count
                queue(
                    .control, flags: isLast ? 0 : FrameHeader.more, stream: 0,
                    payload: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
                offset += count
            } while offset < bytes.count
        }
    }

    /// Opens a stream with an OPEN frame: `kind`, then up to 65,535 bytes. Both directions are open.
    public func open(kind: UInt8, payload: [UInt8] = []) throws(WireError) -> StreamID {
        guard payload.count < WireLimits.payloadBytes else { throw .badLength(.open, payload.count + 1) }
        let id = try openImplicit(.both)
        ([kind] + payload).withUnsafeBytes { queue(.open, stream: id, payload: $0) }
        return id
    }

    /// Takes a number of this end's for a stream that a control message opens (START), before the message is sent.
    public func openImplicit(_ direction: StreamDirection) throws(WireError) -> StreamID {
        guard streams.count - peerStreams < WireLimits.streams, nextOwn < .max - 2 else { throw .tooManyStreams }
        let id = nextOwn
        nextOwn += 2
        streams[id] = StreamState(id: id, direction: direction)
        return id
    }

    /// Makes a stream known that the other end's control message opened. Numbers only ever rise.
    public func acceptImplicit(_ id: StreamID, _ direction: StreamDirection) throws(WireError) {
        guard id % 2 != nextOwn % 2, id > highestPeer else { throw .wrongStream(.open, id) }
        guard peerStreams < WireLimits.streams else { throw .tooManyStreams }
        highestPeer = id
        peerStreams += 1
        streams[id] = StreamState(id: id, direction: direction)
    }

    /// Bytes that may be sent on a stream now; 0 if it is over or this end has sent EOF.
    public func sendCredit(_ id: StreamID) -> Int {
        guard let stream = streams[id], !stream.sendEnded else { return 0 }
        return stream.sendCredit
    }

    /// Queues one DATA frame that `fill` writes in place, so that read(2) can go straight into the output.
    ///
    /// `fill` gets room for the lesser of `limit`, the stream's credit and one frame's payload, and returns how many
    /// bytes it wrote; 0 or less sends nothing. It is not called if there is no credit. Returns what `fill` did, or 0.
    public func sendData(_ id: StreamID, upTo limit: Int = .max, fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        guard let stream = streams[id], !stream.sendEnded else { return 0 }
        let room = min(limit, stream.sendCredit, WireLimits.payloadBytes)
        guard room > 0 else { return 0 }
        let frame = output.reserve(WireLimits.headerBytes + room)
        let payload = UnsafeMutableRawBufferPointer(
            rebasing: frame[WireLimits.headerBytes..<WireLimits.headerBytes + room])
        let count = fill(payload)
        guard count > 0 else { return count }
        precondition(count <= room)
        FrameHeader(type: .data, stream: id, length: count).write(to: frame)
        output.commit(WireLimits.headerBytes + count)
        stream.sendCredit -= count
        return count
    }

    /// Queues as much of `bytes` as the credit allows and returns how many bytes that was.
    public func sendData(_ id: StreamID, _ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = sendData(id, upTo: rest.count) { room in
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<room.count]))
                return room.count
            }
            if count == 0 { break }
            sent += count
        }
        return sent
    }

    /// Sends EOF: no more data from this end. Does nothing if that was said before or the stream is over.
    public func sendEnd(_ id: StreamID) {
        guard let stream = streams[id], !stream.sendEnded else { return }
        queue(.eof, stream: id, payload: UnsafeRawBufferPointer(start: nil, count: 0))
        stream.sendEnded = true
        forgetIfOver(stream)
    }

    /// Ends both directions at once. Does nothing if the stream is over.
    public func reset(_ id: StreamID, reason: UInt32) {
        guard let stream = streams[id] else { return }
        withUnsafeBytes(of: reason.littleEndian) { queue(.reset, stream: id, payload: $0) }
        forget(stream)
    }

    /// Says that `count` bytes of `data` events have left for their consumer, and returns credit in large steps.
    public func consumed(_ id: StreamID, _ count: Int) {
        guard let stream = streams[id] else { return }
        precondition(count <= stream.unconsumed, "more bytes consumed than received")
        stream.unconsumed -= count
        stream.owedCredit += count
        guard stream.owedCredit >= WireLimits.creditStepBytes, !stream.receiveEnded else { return }
        withUnsafeBytes(of: UInt32(stream.owedCredit).littleEndian) { queue(.credit, stream: id, payload: $0) }
        stream.receiveCredit += stream.owedCredit
        stream.owedCredit = 0
    }

    private func queue(_ type: FrameType, flags: UInt8 = 0, stream: StreamID, payload: UnsafeRawBufferPointer) {
        let frame = output.reserve(WireLimits.headerBytes + payload.count)
        FrameHeader(type: type, flags: flags, stream: stream, length: payload.count).write(to: frame)
        if !payload.isEmpty {
            UnsafeMutableRawBufferPointer(rebasing: frame[WireLimits.headerBytes...]).copyMemory(from: payload)
        }
        output.commit(WireLimits.headerBytes + payload.count)
    }
}
