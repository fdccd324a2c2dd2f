import Foundation
import SiloProtocol
import Testing

@testable import SiloDriver

@Suite(.timeLimit(.minutes(1))) struct HelperSessionTests {
    let driver = FakeDriver()
    let conversation: Conversation

    init() { conversation = Conversation(driver) }

    @Test func initializeComesFirstAndOnce() async throws {
        #expect(try await conversation.failure(of: "machine/stop", "{}").data?.kind == .order)
        #expect(try await conversation.failure(of: "no/such", "{}").data?.kind == .order)
        try await conversation.initialize()
        #expect(try await conversation.failure(of: "initialize", Conversation.greeting).data?.kind == .order)
        #expect(try await conversation.failure(of: "no/such", "{}").code == -32601)
        #expect(try await conversation.failure(of: "machine/start", "{}").data?.field == "runDirectory")
    }

    @Test func anotherMajorVersionEndsTheSession() async throws {
        let greeting = Conversation.greeting.replacingOccurrences(of: "1.0", with: "2.0")
        let error = try await conversation.failure(of: "initialize", greeting)
        #expect(error.code == -32001)
        #expect(error.data?.client == "2.0" && error.data?.helper == "1.0")
        #expect(await conversation.lastOutcome == .exit)
    }

    @Test func theDriversErrorsAreAnswers() async throws {
        try await conversation.initialize()
        #expect(try await conversation.failure(of: "host/probe", "{}").data?.kind == .noHypervisor)
    }

    @Test func processesWaitForTheMachine() async throws {
        try await conversation.initialize()
        let start = await conversation.send("machine/start", Conversation.machine)
        let process = await conversation.send("process/start", Conversation.process(1))
        let resize = await conversation.send("process/resize", #"{"process":1,"rows":5,"columns":6}"#)
        let signal = await conversation.send("process/signal", #"{"process":1,"signal":"SIGINT","scope":"group"}"#)
        #expect(driver.machine.calls.isEmpty)
        driver.finishBoot()
        #expect(try await conversation.answer(start)["result"] != nil)
        #expect(try await conversation.answer(process)["result"] as? [String: Int] == ["pid": 101])
        _ = try await (conversation.answer(resize), conversation.answer(signal))
        #expect(driver.machine.calls == ["start 1", "resize 1 5x6", "signal 1 SIGINT group"])
        let exited = try await conversation.notification("process/exited")
        #expect(exited["exit"] as? [String: Int] == ["code": 1])
    }

    @Test func aProgramThatIsNotThereIsAnExecError() async throws {
        try await conversation.initialize()
        driver.finishBoot()
        _ = await conversation.send("machine/start", Conversation.machine)
        let error = try await conversation.failure(of: "process/start", Conversation.process(1, "nope"))
        #expect(error.code == -32020 && error.data?.errno == 2 && error.data?.stage == .exec)
    }

    @Test func processesNeedAMachineAndTheirOwnNumber() async throws {
        try await conversation.initialize()
        #expect(try await conversation.failure(of: "process/start", Conversation.process(1)).data?.kind == .order)
        driver.finishBoot()
        _ = await conversation.send("machine/start", Conversation.machine)
        #expect(try await conversation.failure(of: "machine/start", Conversation.machine).data?.kind == .order)
        _ = await conversation.send("process/start", Conversation.process(1))
        #expect(try await conversation.failure(of: "process/start", Conversation.process(1)).data?.field == "process")
        let resize = #"{"process":9,"rows":5,"columns":6}"#
        #expect(try await conversation.failure(of: "process/resize", resize).data?.field == "process")
    }

    @Test func aBootThatFailsIsToldOnceAndEndsTheRest() async throws {
        try await conversation.initialize()
        let start = await conversation.send("machine/start", Conversation.machine)
        let process = await conversation.send("process/start", Conversation.process(1))
        driver.finishBoot(.failure(HelperError(.bootTimeout, "too slow", console: "tail")))
        #expect(try await conversation.error(start).data?.kind == .bootTimeout)
        #expect(try await conversation.error(start).data?.console == "tail")
        #expect(try await conversation.error(process).data?.kind == .machineGone)
        #expect(try await conversation.failure(of: "process/start", Conversation.process(2)).data?.kind == .machineGone)
    }

    @Test func stoppingWhileBootingCancelsTheBoot() async throws {
        try await conversation.initialize()
        let start = await conversation.send("machine/start", Conversation.machine)
        let stop = await conversation.send("machine/stop", "{}")
        #expect(try await conversation.answer(stop)["result"] != nil)
        #expect(try await conversation.error(start).data?.kind == .machineGone)
    }

    @Test func theEndOfTheConversationStopsTheMachine() async throws {
        try await conversation.initialize()
        driver.finishBoot()
        let start = await conversation.send("machine/start", Conversation.machine)
        _ = try await conversation.answer(start)
        await conversation.session.close()
        #expect(driver.machine.calls == ["stop"])
    }

    @Test func aMachineThatEndsIsReportedOnce() async throws {
        try await conversation.initialize()
        driver.finishBoot()
        _ = try await conversation.answer(await conversation.send("machine/start", Conversation.machine))
        let exit = MachineExited(reason: .panic, message: "it panicked", console: "")
        driver.events?.exited(exit)
        driver.events?.exited(exit)
        #expect(try await conversation.notification("machine/exited")["reason"] as? String == "panic")
        let error = try await conversation.failure(of: "process/start", Conversation.process(1))
        #expect(error.data?.kind == .machineGone && error.message == "it panicked")
        #expect(await conversation.count(of: "machine/exited") == 1)
    }
}
