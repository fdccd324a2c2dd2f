import Synchronization

/// A value that comes once, from any thread, for one task that waits for it.
final class Promise<Value: Sendable>: Sendable {
    private let once = Once<Value>()
    private let isResolved = Mutex(false)

    /// Gives it; false if it was given before.
    @discardableResult
    func resolve(_ result: Result<Value, any Error>) -> Bool {
        let isFirst = isResolved.withLock { resolved in
            defer { resolved = true }
            return !resolved
        }
        if isFirst { once.resume(with: result) }
        return isFirst
    }

    /// Waits for it; call it once.
    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { once.set($0) }
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call gives.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
