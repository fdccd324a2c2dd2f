import SiloDriver
import Synchronization

/// The framework's calls neither end when their task is cancelled nor promise an end at all: whoever waits for one
/// waits here.
enum Limited {
    struct TimeOut: Error {}

    /// What `work` gives, or `TimeOut` when that takes longer, or `CancellationError` when this task is cancelled. The
    /// work itself goes on in both cases, with nobody to tell.
    static func run<Value: Sendable>(
        milliseconds: Int, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let once = Once<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                once.set(continuation)
                Task {
                    do { once.resume(with: .success(try await work())) } catch { once.resume(with: .failure(error)) }
                }
                Task {
                    try? await Task.sleep(nanoseconds: UInt64(max(0, milliseconds)) * 1_000_000)
                    once.resume(with: .failure(TimeOut()))
                }
            }
        } onCancel: {
            once.resume(with: .failure(CancellationError()))
        }
    }
}

/// A continuation that is resumed by whoever comes first, also before it is there.
final class Once<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, any Error>)
        case early(Result<Value, any Error>)
        case done
    }

    private let state = Mutex(State.empty)

    func set(_ continuation: CheckedContinuation<Value, any Error>) {
        let early: Result<Value, any Error>? = state.withLock { state in
            if case .early(let result) = state {
                state = .done
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    func resume(with result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .waiting(let continuation):
                state = .done
                return continuation
            case .empty: state = .early(result)
            case .early, .done: break
            }
            return nil
        }
        waiting?.resume(with: result)
    }
}
