import SiloDriver
import SiloProtocol

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
// SILO_STUBS: scripts/typecheck-macos looks at what a Mac compiles.
#if os(macOS) || SILO_STUBS
    import SiloApple
    import SiloContainerization
#else
    import SiloQEMU
#endif

/// Of this build; the same as silo's.
let version = "0.1.0"

if CommandLine.arguments.dropFirst() == ["--version"] {
    print("silo-helper \(version), helper protocol \(ProtocolVersion.current)")
    exit(0)
}
#if !os(macOS) && !SILO_STUBS
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

#if os(macOS) || SILO_STUBS
    let driver = AppleDriver(host: ContainerizationHost())
#else
    let driver = QEMUDriver()
#endif
let server = HelperServer(driver: driver, version: version, output: 1)

Thread.detach { [server, orderlyStop] in
    var number: Int32 = 0
    var signals = orderlyStop
    sigwait(&signals, &number)
    server.stop()
    exit(0)
}
server.run(input: 0)
#if !os(macOS) && !SILO_STUBS
    driver.makeMissingSnapshot()
#endif
exit(0)
