import Testing

@testable import SiloWire

@Suite struct ByteQueueTests {
    @Test func bytesComeOutInTheOrderInWhichTheyWentIn() {
        var random = Seeded(state: 42)
        let queue = ByteQueue(capacity: 64)
        var model: [UInt8] = []
        for _ in 0..<5_000 {
            if Bool.random(using: &random) {
                let bytes = random.bytes(Int.random(in: 0...200, using: &random))
                bytes.withUnsafeBytes { queue.append($0) }
                model += bytes
            } else {
                let count = Int.random(in: 0...min(model.count, 300), using: &random)
                #expect(Array(queue.readable.prefix(count)) == Array(model.prefix(count)))
                queue.consume(count)
                model.removeFirst(count)
            }
            #expect(queue.count == model.count)
        }
        #expect(Array(queue.readable) == model)
    }

    @Test func whatWasReservedCountsOnlyOnceItIsCommitted() {
        let queue = ByteQueue()
        queue.reserve(10)[0] = 5
        #expect(queue.isEmpty)
        queue.commit(1)
        #expect(Array(queue.readable) == [5])
        queue.consume(1)
        queue.shrink(to: 64)
        #expect(queue.reserve(1).count >= 1)
    }
}
