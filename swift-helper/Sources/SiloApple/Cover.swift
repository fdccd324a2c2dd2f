import SiloIO
import SiloProtocol

/// A path of the guest that something empty hides. The agent cannot do that in a container, so that the mounts are
/// decided here, by what the host has at that place.
struct Cover: Equatable {
    /// In the guest.
    var path: String
    var isDirectory: Bool

    /// Those of a machine. Where nothing is and nothing can be made, as on a read-only share, there is nothing to hide.
    static func all(of spec: MachineSpec) -> [Cover] {
        (spec.guest.covered ?? []).compactMap { path in
            let around = spec.shares.filter { $0.files == nil && path.hasPrefix($0.guestPath + "/") }
            guard let share = around.max(by: { $0.guestPath.utf8.count < $1.guestPath.utf8.count }) else {
                return Cover(path: path, isDirectory: true)
            }
            var status = stat()
            guard lstat(share.hostPath + path.dropFirst(share.guestPath.count), &status) == 0 else {
                return share.readOnly ? nil : Cover(path: path, isDirectory: true)
            }
            return Cover(path: path, isDirectory: status.st_mode & S_IFMT == S_IFDIR)
        }
    }
}
