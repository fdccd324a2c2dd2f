import CSiloHost
import SiloIO

/// The commands that make and restore snapshots.
enum QMPCommand {
    static let begin = #"{"execute":"qmp_capabilities"}"#
    static let stop = #"{"execute":"stop"}"#
    /// Names the descriptor that comes with it.
    static let takeState = #"{"execute":"getfd","arguments":{"fdname":"state"}}"#
    static let migrate = #"{"execute":"migrate","arguments":{"uri":"fd:state"}}"#
    /// x-ignore-shared: the state is that of the devices alone, the memory's file stands for itself.
    static let settings =
        #"{"execute":"migrate-set-capabilities","arguments":{"capabilities":["#
        + #"{"capability":"x-ignore-shared","state":true},{"capability":"events","state":true}]}}"#

    /// From a descriptor that QEMU has inherited.
    static func restore(_ state: Int32) -> String {
        #"{"execute":"migrate-incoming","arguments":{"uri":"fd:\#(state)"}}"#
    }
}

/// QEMU's control protocol over a connected socket: one command at a time, one line of JSON each way. Belongs to its
/// reactor's thread.
final class QMPClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// An answer is a few hundred bytes.
    private static let lineLimitBytes = 1 << 16

    private let socket: Int32
    private let reactor: Reactor
    private var watch: Watch!
    private var unread: [UInt8] = []
    private var answers: [String] = []
    private var events: [String] = []
    private var hasEnded = false

    /// `socket` stays the caller's.
    init(_ socket: Int32, reactor: Reactor) {
        self.socket = socket
        self.reactor = reactor
        watch = reactor.watch(socket, .read) { [unowned self] _ in read() }
    }

    deinit { watch.remove() }

    /// Waits for the greeting and says that commands follow.
    func greet(milliseconds: Int) throws {
        try wait(milliseconds, "greeting") { !$0.answers.isEmpty }
        answers.removeFirst()
        try execute(QMPCommand.begin, milliseconds: milliseconds)
    }

    /// Sends a command, with a descriptor if there is one, and waits for its answer.
    func execute(_ command: String, passing descriptor: Int32 = -1, milliseconds: Int) throws {
        let line = Array((command + "\n").utf8)
        guard silo_send_with_descriptor(socket, line, line.count, descriptor) == line.count else {
            throw Failure(description: SystemError("send a command to QEMU").description)
        }
        try wait(milliseconds, "answer to \(command)") { !$0.answers.isEmpty }
        let answer = answers.removeFirst()
        guard answer.hasPrefix(#"{"return""#) else { throw Failure(description: "QEMU refused \(command): \(answer)") }
    }

    /// Waits for an event that contains `text`, and throws if one comes that contains `failure`.
    func await(event text: String, or failure: String, milliseconds: Int) throws {
        try wait(milliseconds, "event \(text)") { client in
            client.events.contains { $0.contains(text) || $0.contains(failure) }
        }
        guard events.contains(where: { $0.contains(text) }) else {
            throw Failure(description: "QEMU says: \(events.last ?? "")")
        }
    }

    private func wait(_ milliseconds: Int, _ what: String, _ condition: (QMPClient) -> Bool) throws {
        let inTime = reactor.run(until: { condition(self) || hasEnded }, milliseconds: milliseconds)
        guard inTime, condition(self) else {
            throw Failure(description: hasEnded ? "QEMU ended before its \(what)" : "QEMU gave no \(what) in time")
        }
    }

    private func read() {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 16) { buffer in
            switch IO.read(socket, into: buffer) {
            case .bytes(let count): take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .wouldBlock: return
            case .end, .failed: end()
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        unread.append(contentsOf: bytes)
        while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: unread[..<end], as: UTF8.self)
            unread.removeFirst(end + 1)
            // QEMU's own events name no command; answers begin with "return" or "error", the greeting with "QMP".
            if line.hasPrefix(#"{"timestamp""#) { events.append(line) } else { answers.append(line) }
        }
        if unread.count > Self.lineLimitBytes { end() }
    }

    private func end() {
        hasEnded = true
        watch.isPaused = true
    }
}
