import CSilo
import CSiloHost
import SiloIO
import SiloProtocol
import Synchronization

/// Remembers which snapshot a run went without, until the run is over.
final class MissingSnapshot: Sendable {
    private let wanted = Mutex<MachineSpec?>(nil)

    var spec: MachineSpec? {
        get { wanted.withLock { $0 } }
        set { wanted.withLock { $0 = newValue } }
    }

    /// Starts `silo-helper --make-snapshot`, which is told what to make on its standard input. Errors are nobody's: the
    /// next run boots from cold as this one did.
    func make() {
        guard var spec else { return }
        spec.shares = QEMUArguments.withoutContent(spec.shares, "/")
        guard let text = try? JSONCoding.encode(spec), let pipe = try? IO.pipe(nonblocking: false) else { return }
        _ = silo_pipe_capacity(pipe.write, 1 << 20)
        let command = HostProcess.Command(
            words: ["/proc/self/exe", SnapshotCommand.argument], standardInput: pipe.read, outlivesParent: true)
        _ = try? HostProcess.spawn(command)
        _ = close(pipe.read)
        text.withUnsafeBytes { _ = IO.write(pipe.write, $0) }
        _ = close(pipe.write)
    }
}

/// `silo-helper --make-snapshot`: makes the snapshot of the `MachineSpec` on standard input and ends.
public enum SnapshotCommand {
    public static let argument = "--make-snapshot"
    private static let limitBytes = 4 << 20

    public static func run() async -> Bool {
        silo_give_way()
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while text.count < limitBytes {
            let count = read(0, &buffer, buffer.count)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        guard let spec = try? JSONCoding.decode(MachineSpec.self, from: text) else { return false }
        do {
            _ = try await QEMUDriver().createSnapshot(spec, isAskedFor: false)
            return true
        } catch {
            Array("silo-helper: \(error)\n".utf8).withUnsafeBytes { _ = IO.write(2, $0) }
            return false
        }
    }
}
