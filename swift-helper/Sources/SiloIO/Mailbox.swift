import CSilo
import Synchronization

/// Calls from other threads to a reactor's thread.
public final class Mailbox: Sendable {
    private let calls = Mutex<[@Sendable () -> Void]>([])
    let wakeup: Int32
    private let bell: Int32

    init() throws(SystemError) {
        (wakeup, bell) = try IO.pipe(nonblocking: true)
    }

    deinit {
        close(wakeup)
        close(bell)
    }

    /// Runs `call` on the reactor's thread, after the handlers of its current turn, in the order of posting.
    public func post(_ call: @escaping @Sendable () -> Void) {
        let wasEmpty = calls.withLock { calls in
            calls.append(call)
            return calls.count == 1
        }
        guard wasEmpty else { return }
        withUnsafeBytes(of: UInt8(0)) { _ = IO.write(bell, $0) }
    }

    func clearWakeup() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while case .bytes(buffer.count) = IO.read(wakeup, into: buffer) {}
        }
    }

    func runAll() {
        let waiting = calls.withLock { calls in
            defer { calls = [] }
            return calls
        }
        for call in waiting { call() }
    }
}

/// A value of the reactor's thread that is carried through other threads, into the call they post back. They may not
/// look inside: `value` traps anywhere but on the thread that made the box.
public final class Confined<Value>: @unchecked Sendable {
    private let content: Value
    private let owner = pthread_self()

    public init(_ value: Value) { content = value }

    public var value: Value {
        precondition(pthread_equal(owner, pthread_self()) != 0, "a confined value was used on another thread")
        return content
    }
}
