/// Lets a burst through and then so many per second: for what a guest may cause the helper to tell the CLI.
package struct RateLimit {
    let burst: Double
    let perSecond: Double
    private var tokens: Double
    private var last: UInt64 = 0

    package init(burst: Double, perSecond: Double) {
        self.burst = burst
        self.perSecond = perSecond
        tokens = burst
    }

    /// `now`: monotonic nanoseconds.
    package mutating func admits(now: UInt64) -> Bool {
        tokens = min(burst, tokens + Double(now &- last) / 1e9 * perSecond)
        last = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
