/// First in, first out bytes in one piece of memory, so that both ends can be handed to read(2) and write(2) without
/// a copy. Not thread-safe.
public final class ByteQueue {
    private var memory: UnsafeMutableRawBufferPointer
    private var head = 0
    private var tail = 0

    /// `capacity`: bytes to begin with. The queue grows on demand: whoever fills it keeps it bounded.
    public init(capacity: Int = 4096) {
        memory = .allocate(byteCount: max(capacity, 64), alignment: 16)
    }

    deinit { memory.deallocate() }

    /// Bytes in the queue.
    public var count: Int { tail - head }
    public var isEmpty: Bool { head == tail }

    /// All bytes in the queue; valid until the next call that changes it.
    public var readable: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[head..<tail]) }

    /// Takes the first `count` bytes out.
    public func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        head += count
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Room for at least `count` more bytes; valid until the next call that changes the queue. What was written into
    /// it counts once it is passed to `commit`.
    public func reserve(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count - tail < count { makeRoom(count) }
        return UnsafeMutableRawBufferPointer(rebasing: memory[tail...])
    }

    /// Adds the first `count` bytes of what `reserve` returned.
    public func commit(_ count: Int) {
        precondition(count >= 0 && count <= memory.count - tail)
        tail += count
    }

    public func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        reserve(bytes.count).copyMemory(from: bytes)
        commit(bytes.count)
    }

    /// Gives the memory beyond `capacity` bytes back if the queue is empty.
    public func shrink(to capacity: Int) {
        guard isEmpty, memory.count > capacity else { return }
        memory.deallocate()
        memory = .allocate(byteCount: max(capacity, 64), alignment: 16)
    }

    private func makeRoom(_ room: Int) {
        let used = count
        // Moving is cheap only while little is left; growing keeps the cost per byte constant.
        if used <= head && memory.count - used >= room {
            memory.baseAddress!.copyMemory(from: memory.baseAddress! + head, byteCount: used)
        } else {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(memory.count * 2, used + room), alignment: 16)
            larger.copyMemory(from: readable)
            memory.deallocate()
            memory = larger
        }
        head = 0
        tail = used
    }
}
