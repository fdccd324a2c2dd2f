/// One live stream as its multiplexer sees it.
final class StreamState {
    let id: StreamID
    /// Bytes that the other end still accepts.
    var sendCredit = WireLimits.windowBytes
    /// Bytes that this end still accepts.
    var receiveCredit = WireLimits.windowBytes
    /// Bytes that were handed out and have not been reported as consumed.
    var unconsumed = 0
    /// Consumed bytes for which no CREDIT has been sent yet.
    var owedCredit = 0
    var sendEnded: Bool
    var receiveEnded: Bool

    init(id: StreamID, direction: StreamDirection) {
        self.id = id
        sendEnded = direction == .receive
        receiveEnded = direction == .send
    }

    var isOver: Bool { sendEnded && receiveEnded }
}

/// Which way a stream goes, seen from this end. The directions that are missing count as ended from the beginning.
public enum StreamDirection: Sendable {
    case both
    case send
    case receive
}
