import Foundation
import SiloProtocol
import Synchronization
import Testing

@testable import SiloDriver

/// The CLI's side of a session.
actor Conversation {
    nonisolated let session: HelperSession
    private nonisolated let inbox = Inbox()
    private var lastID = 0
    private(set) var lastOutcome = HelperSession.Outcome.goOn

    static let greeting = #"{"protocol":"1.0","client":{"name":"t","version":"0"}}"#

    init(_ driver: FakeDriver) {
        session = HelperSession(driver: driver, version: "9") { [inbox] in inbox.add($0) }
    }

    func initialize() async throws { _ = try await answer(await send("initialize", Self.greeting)) }

    /// Sends a request; its id.
    func send(_ method: String, _ parameters: String) async -> Int {
        lastID += 1
        let id = lastID
        let text = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(parameters)}"#
        lastOutcome = await session.receive(Array(text.utf8))
        return id
    }

    nonisolated func answer(_ id: Int) async throws -> Message {
        try await inbox.first { $0["id"] as? Int == id }
    }

    /// The parameters of the first notification of that method.
    nonisolated func notification(_ method: String) async throws -> Message {
        let message = try await inbox.first { $0["method"] as? String == method }
        return Message(body: try JSONSerialization.data(withJSONObject: try #require(message["params"])))
    }

    nonisolated func error(_ id: Int) async throws -> ErrorObject {
        let message = try await answer(id)
        let error = try #require(message["error"], "no error: \(String(decoding: message.body, as: UTF8.self))")
        return try JSONDecoder().decode(ErrorObject.self, from: JSONSerialization.data(withJSONObject: error))
    }

    func failure(of method: String, _ parameters: String) async throws -> ErrorObject {
        try await error(await send(method, parameters))
    }

    nonisolated func count(of method: String) async -> Int { inbox.count { $0["method"] as? String == method } }

    static let machine = """
        {"runDirectory":"/r","dataSocket":"/r/data","kernel":{"path":"/k","initrd":"/i"},"rootfs":{"path":"/f"},
        "scratch":null,"cpus":1,"memoryMiB":512,"shares":[],
        "guest":{"hostname":"h","workspace":"/",
        "user":{"uid":0,"gid":0,"name":"root","home":"/root","shell":"/bin/sh"}},
        "boot":{"timeoutMs":1000,"attempts":1}}
        """

    /// One without streams: no data socket is needed.
    static func process(_ number: Int, _ program: String = "true") -> String {
        """
        {"process":\(number),"argv":["\(program)"],"env":[],"cwd":"/","user":{"uid":0,"gid":0,"groups":[]},
        "stdio":{"stdin":"null","stdout":"null","stderr":"null"}}
        """
    }
}

/// A JSON object.
struct Message: Sendable {
    let body: Data

    subscript(key: String) -> Any? { (try? JSONSerialization.jsonObject(with: body) as? [String: Any])?[key] }
}

/// What the session sent, in its order.
private final class Inbox: Sendable {
    private let bodies = Mutex<[Data]>([])

    func add(_ body: [UInt8]) { bodies.withLock { $0.append(Data(body)) } }

    func count(_ matches: (Message) -> Bool) -> Int { messages.count(where: matches) }

    /// The first message of that kind; waits for it. The suite's time limit ends a wait for what never comes.
    func first(_ matches: (Message) -> Bool) async throws -> Message {
        while true {
            if let message = messages.first(where: matches) { return message }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private var messages: [Message] { bodies.withLock { $0 }.map { Message(body: $0) } }
}
