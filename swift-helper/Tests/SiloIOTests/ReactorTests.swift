import SiloIO
import Testing

@Suite struct ReactorTests {
    let reactor: Reactor

    init() throws { reactor = try Reactor() }

    @Test func timersRunInOrderAndNotWhenCancelled() {
        var order: [Int] = []
        reactor.after(milliseconds: 20) { order.append(2) }
        reactor.after(milliseconds: 5) { order.append(1) }
        let cancelled = reactor.after(milliseconds: 1) { order.append(0) }
        cancelled.cancel()
        #expect(!cancelled.isPending)
        #expect(reactor.run(until: { order.count == 2 }, milliseconds: 5_000))
        #expect(order == [1, 2])
    }

    @Test func aTimerMayAddTimersAndCancelOthersThatAreDueWithIt() {
        var order: [Int] = []
        var second: Timer?
        reactor.after(milliseconds: 1) {
            order.append(1)
            second?.cancel()
            self.reactor.after(milliseconds: 0) { order.append(3) }
        }
        second = reactor.after(milliseconds: 1) { order.append(2) }
        #expect(reactor.run(until: { order.last == 3 }, milliseconds: 5_000))
        #expect(order == [1, 3])
    }

    @Test func otherThreadsPostCallsInOrder() throws {
        let seen = Confined(Box<[Int]>([]))
        let mailbox = reactor.mailbox
        let thread = try Thread.start {
            for number in 0..<1_000 { mailbox.post { seen.value.content.append(number) } }
        }
        #expect(reactor.run(until: { seen.value.content.count == 1_000 }, milliseconds: 10_000))
        #expect(seen.value.content == Array(0..<1_000))
        thread.join()
    }

    @Test func aWatchThatIsRemovedInTheSameTurnIsNotCalled() throws {
        let (first, second) = (try IO.pipe(nonblocking: true), try IO.pipe(nonblocking: true))
        defer { for fd in [first.read, first.write, second.read, second.write] { close(fd) } }
        var calls = 0
        var watches: [Watch] = []
        for fd in [first.read, second.read] {
            watches.append(
                reactor.watch(fd, .read) { _ in
                    calls += 1
                    for watch in watches { watch.remove() }
                })
        }
        for fd in [first.write, second.write] { withUnsafeBytes(of: UInt8(1)) { _ = IO.write(fd, $0) } }
        #expect(reactor.run(until: { calls > 0 }, milliseconds: 5_000))
        #expect(!reactor.run(until: { calls > 1 }, milliseconds: 20))
    }

    @Test func aPausedWatchKeepsQuietEvenWhenTheOtherEndHangsUp() throws {
        let pipe = try IO.pipe(nonblocking: true)
        defer { close(pipe.read) }
        var calls = 0
        let watch = reactor.watch(pipe.read, .hangup) { _ in calls += 1 }
        watch.isPaused = true
        close(pipe.write)
        #expect(!reactor.run(until: { calls > 0 }, milliseconds: 20))
        watch.isPaused = false
        #expect(reactor.run(until: { calls > 0 }, milliseconds: 5_000))
        watch.remove()
    }
}
