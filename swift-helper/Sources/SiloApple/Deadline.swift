import SiloIO
import SiloProtocol

/// One moment at which all steps of a boot have to be done.
struct Deadline: Sendable {
    /// It passed during a step.
    struct Passed: Error { var doing: String }
    /// A step failed by itself.
    struct Failed: Error {
        var doing: String
        var error: any Error
    }

    /// Monotonic nanoseconds.
    private let end: UInt64

    init(milliseconds: Int) { end = Reactor.now() + UInt64(milliseconds) * 1_000_000 }

    /// Carries a step out in the time that is left. `doing`: a verb for messages.
    func run<Value: Sendable>(
        _ doing: String, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let now = Reactor.now()
        let left = end > now ? Int((end - now) / 1_000_000) : 0
        do {
            return try await Limited.run(milliseconds: left, work)
        } catch is Limited.TimeOut {
            throw Passed(doing: doing)
        } catch let error as HelperError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Failed(doing: doing, error: error)
        }
    }
}
