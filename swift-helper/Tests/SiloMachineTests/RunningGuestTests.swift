import CSilo
import SiloDriver
import SiloIO
import SiloProtocol
import SiloWire
import Synchronization
import Testing

@testable import SiloMachine

/// A running guest on one end of a socket pair, an agent that says what the test wants on the other, and the CLI's data
/// socket.
@Suite final class RunningGuestTests {
    private let reactor: Reactor
    private let host: WirePort
    private let agent: WirePort
    private let fds: (Int32, Int32)
    private let directory: String
    private let listener: Int32
    private let events = Seen()
    private var guest: RunningGuest!
    private var violations: [String] = []

    init() throws {
        reactor = try Reactor()
        fds = try IO.socketPair()
        host = WirePort(fd: fds.0, multiplexer: Multiplexer(role: .host), reactor: reactor)
        agent = WirePort(fd: fds.1, multiplexer: Multiplexer(role: .guest), reactor: reactor)
        var template = Array("/tmp/silo-guest-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make a directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        listener = silo_unix_listen("\(directory)/data", getuid(), getgid(), 16)
        guard listener >= 0 else { throw SystemError("listen") }
    }

    deinit {
        host.close()
        agent.close()
        for fd in [fds.0, fds.1, listener] { _ = close(fd) }
        unlink("\(directory)/data")
        rmdir(directory)
    }

    /// With everything a machine may be given, or with nothing of it.
    private func begin(_ all: Bool) throws {
        let given = #""network": {"certificates": ""}, "sshAgent": true, "watchPorts": true,"#
        let json = """
            {"runDirectory": "\(directory)", "dataSocket": "\(directory)/data",
             "kernel": {"path": "/k", "initrd": "/i"}, "rootfs": {"path": "/r"}, "scratch": null, "cpus": 1,
             "memoryMiB": 512, "shares": [], \(all ? given : "")
             "guest": {"hostname": "silo", "workspace": "/workspace",
                "user": {"uid": 1, "gid": 1, "name": "silo", "home": "/home/silo", "shell": "/bin/sh"}},
             "boot": {"timeoutMs": 1000, "attempts": 1}}
            """
        let spec = try JSONCoding.decode(MachineSpec.self, from: Array(json.utf8))
        guest = RunningGuest(port: host, spec: spec, events: events) { [unowned self] in violations.append($0) }
    }

    private func soon(_ condition: () -> Bool) {
        let came = reactor.run(until: condition, milliseconds: 2_000)
        #expect(came)
    }

    /// The next connection to the data socket, and its first bytes.
    private func connection() throws -> (fd: Int32, header: String) {
        var fd: Int32 = -1
        soon {
            fd = silo_tcp_accept(listener)
            return fd >= 0
        }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(fd, &bytes, bytes.count)
        return (fd, String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
    }

    @Test(arguments: [
        (StreamOpening.proxy, #"{"stream":"egress","via":"proxy"}"#),
        (.dns, #"{"stream":"egress","via":"dns"}"#),
        (.sshAgent, #"{"stream":"agent"}"#),
    ])
    func whatTheGuestOpensBecomesAConnectionWithItsHeader(_ opening: StreamOpening, _ header: String) throws {
        try begin(true)
        let id = try agent.multiplexer.open(kind: opening.kind, payload: opening.payload)
        agent.flush()
        let (fd, text) = try connection()
        #expect(text == header + "\n" && agent.multiplexer.isOpen(id))
        _ = close(fd)
    }

    @Test(arguments: [StreamOpening.proxy, .dns, .sshAgent])
    func whatTheMachineWasNotGivenIsRefused(_ opening: StreamOpening) throws {
        try begin(false)
        let id = try agent.multiplexer.open(kind: opening.kind, payload: opening.payload)
        agent.flush()
        soon { !agent.multiplexer.isOpen(id) }
        #expect(silo_tcp_accept(listener) < 0 && violations.isEmpty)
    }

    @Test func aPortOfTheGuestIsOpenedUnderItsNumber() throws {
        try begin(true)
        var asked: StreamOpening?
        agent.onOpened = { asked = try? StreamOpening(kind: $1, payload: $2, at: .guest) }
        try guest.openPort(8080, stream: 7)
        let (fd, text) = try connection()
        #expect(text == "{\"stream\":\"port\",\"id\":7}\n")
        soon { asked != nil }
        #expect(asked == .port(8080))
        _ = close(fd)
    }

    @Test func portsAreToldIfTheyWereAskedForAndNotForEver() throws {
        try begin(true)
        for number in 1...200 { agent.send(.listening(ports: [UInt16(number)])) }
        agent.send(.notice(message: Array("done".utf8)))
        soon { !events.logs.withLock { $0.isEmpty } }
        let told = events.ports.withLock { $0 }
        #expect(told.first == [1] && (20...30).contains(told.count), "\(told.count) of 200")
    }

    @Test func portsThatNobodyAskedForAreNotTold() throws {
        try begin(false)
        agent.send(.listening(ports: [80]))
        agent.send(.notice(message: Array("\u{1B}[2Jdone".utf8)))
        soon { !events.logs.withLock { $0.isEmpty } }
        #expect(events.ports.withLock { $0.isEmpty } && violations.isEmpty)
        #expect(events.logs.withLock { $0 } == ["guest: \u{FFFD}[2Jdone"], "made harmless")
    }

    @Test(arguments: [
        (ControlMessage.configured, "at the wrong time"), (.started(process: 9, pid: 1), "process 9"),
        (.exited(process: 9, status: .code(0)), "process 9"), (.failed(message: Array("no disk".utf8)), "no disk"),
    ])
    func whatAGuestMayNotSayIsAViolation(_ message: ControlMessage, _ text: String) throws {
        try begin(true)
        agent.send(message)
        soon { !violations.isEmpty }
        #expect(violations.first?.contains(text) == true, "\(violations)")
    }

    @Test func afterItsEndNothingIsHeardOfIt() throws {
        try begin(true)
        guest.close(HelperError(.machineGone, "over"))
        agent.send(.listening(ports: [80]))
        agent.send(.configured)
        _ = try agent.multiplexer.open(kind: StreamOpening.proxy.kind)
        agent.flush()
        _ = reactor.run(until: { false }, milliseconds: 50)
        #expect(violations.isEmpty && events.ports.withLock { $0.isEmpty } && silo_tcp_accept(listener) < 0)
    }
}

/// What was reported.
private final class Seen: MachineEvents {
    let logs = Mutex<[String]>([])
    let ports = Mutex<[[UInt16]]>([])

    func processStopped(_ process: UInt32, by signal: GuestSignal) {}
    func exited(_ exit: MachineExited) {}
    func progress(_ progress: Progress) {}
    func portsListening(_ ports: [UInt16]) { self.ports.withLock { $0.append(ports) } }
    func log(_ level: LogLine.Level, _ message: String) { logs.withLock { $0.append(message) } }
}
