@testable import SiloWire

/// A small generator with a seed, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}

/// An event whose bytes have been copied, so that it outlives the call.
enum Seen: Equatable {
    case control(ControlMessage)
    case opened(StreamID, UInt8, [UInt8])
    case data(StreamID, [UInt8])
    case credit(StreamID)
    case ended(StreamID)
    case reset(StreamID, UInt32)

    init(_ event: Multiplexer.Event) {
        self =
            switch event {
            case .control(let message): .control(message)
            case .opened(let id, let kind, let payload): .opened(id, kind, payload)
            case .data(let id, let bytes): .data(id, Array(bytes))
            case .credit(let id): .credit(id)
            case .ended(let id): .ended(id)
            case .reset(let id, let reason): .reset(id, reason)
            }
    }
}

extension Multiplexer {
    /// Everything that waits for the other end, taken out.
    func takeOutput() -> [UInt8] {
        defer { output.consume(output.count) }
        return Array(output.readable)
    }

    /// `receive` with the events collected; neighbouring data of one stream is put together.
    func events(_ bytes: [UInt8]) throws(WireError) -> [Seen] {
        var seen: [Seen] = []
        // A typed throw does not pass through withUnsafeBytes.
        var failure: WireError?
        bytes.withUnsafeBytes { buffer in
            do throws(WireError) {
                try receive(buffer) { event in
                    if case .data(let id, let more) = Seen(event), case .data(id, let before)? = seen.last {
                        seen[seen.count - 1] = .data(id, before + more)
                    } else {
                        seen.append(Seen(event))
                    }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return seen
    }

    func sendData(_ id: StreamID, _ bytes: [UInt8]) -> Int { bytes.withUnsafeBytes { sendData(id, $0) } }
}

func frame(_ type: UInt8, flags: UInt8 = 0, reserved: UInt16 = 0, stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
    var bytes = [type, flags, UInt8(truncatingIfNeeded: reserved), UInt8(reserved >> 8)]
    for word in [stream, UInt32(payload.count)] {
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }
    return bytes + payload
}
