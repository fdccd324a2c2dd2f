import SiloIO
import SiloWire

/// The socket that `SSH_AUTH_SOCK` names. What is said there is read on the host; no key is ever here.
final class SSHAgentSocket {
    /// The CLI knows it, too: it stands in the tools' environment.
    static let path: Path = "/run/silo/ssh-agent.sock"

    private let listener: StreamListener

    init(streams: StreamOpener, owner: Files.Owner) throws(SystemError) {
        try Files.makeDirectories(Self.path.parent)
        listener = try StreamListener(streams: streams, path: Self.path, owner: owner) { _ in .sshAgent }
    }
}
