import SiloDriver
import SiloProtocol

#if os(Linux)
    import Glibc
    import SiloQEMU
#elseif canImport(Darwin)
    import Darwin
#endif

/// Of this build; the same as silo's.
let version = "0.1.0"

if CommandLine.arguments.dropFirst() == ["--version"] {
    print("silo-helper \(version), helper protocol \(ProtocolVersion.current)")
    exit(0)
}
#if os(Linux)
    if CommandLine.arguments.dropFirst() == [SnapshotCommand.argument] { exit(await SnapshotCommand.run() ? 0 : 1) }
#endif
guard CommandLine.arguments.count == 1 else {
    let usage = "usage: silo-helper [--version]\nsilo starts it and speaks JSON-RPC with it on stdin and stdout.\n"
    _ = usage.withCString { write(2, $0, strlen($0)) }
    exit(2)
}

// What is typed at the terminal is for silo and the guest, never for the helper or QEMU.
_ = setsid()
for number in [SIGPIPE, SIGINT, SIGHUP, SIGTSTP, SIGQUIT] { signal(number, SIG_IGN) }
// Before the first thread, so that all of them inherit it: SIGTERM is taken by the thread below alone.
var orderlyStop = sigset_t()
sigemptyset(&orderlyStop)
sigaddset(&orderlyStop, SIGTERM)
pthread_sigmask(SIG_BLOCK, &orderlyStop, nil)

#if os(Linux)
    let driver = QEMUDriver()
    let server = HelperServer(driver: driver, version: version, output: 1)
#else
    #error("there is no machine driver for this platform")
#endif

Thread.detach { [server, orderlyStop] in
    var number: Int32 = 0
    var signals = orderlyStop
    sigwait(&signals, &number)
    server.stop()
    exit(0)
}
server.run(input: 0)
driver.makeMissingSnapshot()
exit(0)
