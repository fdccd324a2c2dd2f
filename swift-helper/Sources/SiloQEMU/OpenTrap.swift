import CSilo
import CSiloHost
import SiloIO

/// Answers the one open of a clone's QEMU that is not what it should be: QEMU 7.2 opens the file of a machine's private
/// memory for reading and writing, and only reads it. It gets a descriptor for reading, of a mount that is read-only:
/// whoever takes QEMU over can neither write to the snapshot nor open it again to write.
///
/// Belongs to its reactor's thread.
final class OpenTrap {
    private let path: String
    private let listener: Int32
    private var watch: Watch!

    /// `socket`: the other end of `HostProcess.Command.openTrap`, after the program was started; stays the caller's.
    init(socket: Int32, path: String, reactor: Reactor) throws(SystemError) {
        self.path = path
        listener = silo_receive_descriptor(socket)
        guard listener >= 0 else { throw SystemError("receive the listener of QEMU's calls") }
        watch = reactor.watch(listener, .read) { [unowned self] ready in answer(ready) }
    }

    deinit {
        watch.remove()
        _ = close(listener)
    }

    private func answer(_ ready: Readiness) {
        // Hung up: no process with this filter is left.
        guard ready.canRead, path.withCString({ silo_trap_answer(listener, $0) }) >= 0 else {
            watch.isPaused = true
            return
        }
    }
}
