/// A call in the future.
public final class Timer {
    fileprivate let deadline: UInt64
    fileprivate var body: (() -> Void)?

    fileprivate init(deadline: UInt64, body: @escaping () -> Void) {
        self.deadline = deadline
        self.body = body
    }

    /// Whether it has neither run nor been cancelled.
    public var isPending: Bool { body != nil }

    public func cancel() { body = nil }

    func fire() {
        let body = self.body
        self.body = nil
        body?()
    }
}

/// A reactor's timers, the nearest last. There are few at a time, so a sorted array will do.
struct TimerQueue {
    private var timers: [Timer] = []

    mutating func add(at deadline: UInt64, _ body: @escaping () -> Void) -> Timer {
        let timer = Timer(deadline: deadline, body: body)
        let index = timers.firstIndex { $0.deadline <= deadline } ?? timers.endIndex
        timers.insert(timer, at: index)
        return timer
    }

    /// What poll(2) may wait, in milliseconds: -1 without timers, rounded up so that a turn never comes too early.
    mutating func waitMilliseconds(now: UInt64) -> Int32 {
        while let last = timers.last, !last.isPending { timers.removeLast() }
        guard let next = timers.last else { return -1 }
        guard next.deadline > now else { return 0 }
        return Int32(clamping: (next.deadline - now + 999_999) / 1_000_000)
    }

    /// Takes out what is due, in order. The caller runs it: a body may add timers, and the queue must not be in use then.
    mutating func takeDue(now: UInt64) -> [Timer] {
        guard let nearest = timers.last, nearest.deadline <= now else { return [] }
        var due: [Timer] = []
        while let last = timers.last, last.deadline <= now { due.append(timers.removeLast()) }
        return due
    }
}
