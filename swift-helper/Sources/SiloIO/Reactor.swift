import CSilo

/// One thread that waits with poll(2) for descriptors, timers and calls from other threads, and runs their handlers.
///
/// Everything but `mailbox` belongs to the thread that calls `run`. Handlers may add, change and remove anything,
/// themselves included. Descriptors stay their owner's: remove the watch first, then close.
public final class Reactor {
    /// Other threads' way in.
    public let mailbox: Mailbox

    private var watches: [Watch] = []
    private var timers = TimerQueue()
    private var polls: [pollfd] = []
    private var hasDeadWatches = false
    private var isStopped = false

    public init() throws(SystemError) {
        mailbox = try Mailbox()
        _ = watch(mailbox.wakeup, .read) { [mailbox] _ in mailbox.clearWakeup() }
    }

    /// Calls `handler` on this thread whenever `fd` is ready in a way of `interest`. Hang-up and error are always
    /// reported; a handler that gets `hangup` or `error` must change or remove the watch, or it is called for ever.
    public func watch(_ fd: Int32, _ interest: Interest, handler: @escaping (Readiness) -> Void) -> Watch {
        let watch = Watch(fd: fd, interest: interest, handler: handler, reactor: self)
        watches.append(watch)
        return watch
    }

    /// Calls `body` once after that time. Timers that are due run in order.
    @discardableResult
    public func after(milliseconds: Int, _ body: @escaping () -> Void) -> Timer {
        timers.add(at: Reactor.now() + UInt64(max(0, milliseconds)) * 1_000_000, body)
    }

    /// Runs handlers until `stop`.
    public func run() {
        isStopped = false
        while !isStopped { turn() }
    }

    /// Runs handlers until `condition` holds, for tests and for steps that come one after the other.
    /// Returns false when `milliseconds` passed first.
    public func run(until condition: () -> Bool, milliseconds: Int) -> Bool {
        var isLate = false
        let timer = after(milliseconds: milliseconds) { isLate = true }
        defer { timer.cancel() }
        while !condition() {
            if isLate { return false }
            turn()
        }
        return true
    }

    /// Makes `run` return after the current handlers. From other threads: `mailbox.post`.
    public func stop() { isStopped = true }

    /// Monotonic nanoseconds.
    public static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    fileprivate func markDead() { hasDeadWatches = true }

    /// One poll(2) and the handlers of what it found.
    private func turn() {
        if hasDeadWatches {
            watches.removeAll { $0.isRemoved }
            hasDeadWatches = false
        }
        polls.removeAll(keepingCapacity: true)
        for watch in watches {
            // A negative number makes poll skip the entry: hang-ups of a watch that is off must not spin.
            let fd = watch.isPaused ? -1 : watch.fd
            polls.append(pollfd(fd: fd, events: watch.interest.events, revents: 0))
        }
        let ready = poll(&polls, nfds_t(polls.count), timers.waitMilliseconds(now: Reactor.now()))
        if ready > 0 {
            for index in polls.indices where polls[index].revents != 0 {
                let watch = watches[index]
                guard !watch.isRemoved, !watch.isPaused else { continue }
                watch.handler(Readiness(events: polls[index].revents))
                if isStopped { return }
            }
        }
        for timer in timers.takeDue(now: Reactor.now()) { timer.fire() }
        mailbox.runAll()
    }
}

/// What to wait for.
public struct Interest: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let read = Interest(rawValue: 1)
    public static let write = Interest(rawValue: 2)
    /// Only hang-up and error.
    public static let hangup: Interest = []

    var events: Int16 {
        Int16((contains(.read) ? POLLIN : 0) | (contains(.write) ? POLLOUT : 0))
    }
}

/// What poll(2) found.
public struct Readiness: Sendable {
    public let canRead: Bool
    public let canWrite: Bool
    /// The other end is gone (of a pipe's write end: the reader).
    public let isHungUp: Bool
    public let hasError: Bool

    init(events: Int16) {
        let events = Int32(events)
        canRead = events & Int32(POLLIN) != 0
        canWrite = events & Int32(POLLOUT) != 0
        isHungUp = events & Int32(POLLHUP) != 0
        hasError = events & Int32(POLLERR | POLLNVAL) != 0
    }
}

/// A descriptor in a reactor.
public final class Watch {
    public let fd: Int32
    /// Takes effect at the next turn.
    public var interest: Interest
    /// A paused watch reports nothing at all, not even hang-up.
    public var isPaused = false
    public private(set) var isRemoved = false
    fileprivate private(set) var handler: (Readiness) -> Void
    private weak var reactor: Reactor?

    fileprivate init(fd: Int32, interest: Interest, handler: @escaping (Readiness) -> Void, reactor: Reactor) {
        self.fd = fd
        self.interest = interest
        self.handler = handler
        self.reactor = reactor
    }

    /// Ends the watch and lets its handler go; not called again, not even in this turn.
    public func remove() {
        guard !isRemoved else { return }
        isRemoved = true
        handler = { _ in }
        reactor?.markDead()
    }
}
