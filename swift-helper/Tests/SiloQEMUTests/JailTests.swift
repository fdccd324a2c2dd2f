import Testing

@testable import SiloQEMU

@Suite struct JailTests {
    private let view = Jail.View(
        readable: ["/m/vmlinux", "/home/me/app/locked"], writable: ["/home/me/app"], devices: ["/dev/kvm"])

    private let system =
        ["--ro-bind", "/usr", "/usr"]
        + ["/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/gnu/store", "/etc/ld.so.cache"]
        .flatMap { ["--ro-bind-try", $0, $0] }
        + ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]

    @Test func anOrdinaryUsersJail() {
        let jail = Jail(bubblewrap: "/usr/bin/bwrap", isRoot: false)
        #expect(
            jail.command(["/usr/bin/qemu", "-x", "/not/a/file"], view: view)
                == ["/usr/bin/bwrap", "--die-with-parent", "--new-session", "--unshare-all"] + system + [
                    "--dev-bind", "/dev/kvm", "/dev/kvm",
                    "--ro-bind", "/m/vmlinux", "/m/vmlinux",
                    "--bind", "/home/me/app", "/home/me/app",
                    "--ro-bind", "/home/me/app/locked", "/home/me/app/locked",
                    "--chdir", "/", "--", "/usr/bin/qemu", "-x", "/not/a/file",
                ])
    }

    @Test func rootKeepsOwnershipAndLittleElse() {
        let jail = Jail(bubblewrap: "/usr/bin/bwrap", isRoot: true)
        let command = jail.command(["/usr/bin/qemu"], view: Jail.View())
        #expect(!command.contains("--unshare-all") && !command.contains("--unshare-user"))
        #expect(command.contains("--unshare-net") && command.contains("--unshare-pid"))
        let added = command.indices.filter { command[$0] == "--cap-add" }.map { command[$0 + 1] }
        #expect(command[command.firstIndex(of: "--cap-drop")! + 1] == "ALL")
        #expect(added.contains("CAP_CHOWN") && !added.contains("CAP_SYS_ADMIN") && !added.contains("CAP_NET_ADMIN"))
        #expect(!added.contains("CAP_MKNOD") && !added.contains("CAP_SETUID"))
    }

    @Test func aToolchainOfOnesOwnIsVisible() {
        let jail = Jail(bubblewrap: "/usr/bin/bwrap", isRoot: false)
        let loader = [
            "/opt/q/lib/ld.so", "--library-path", "/opt/q/lib:/opt/q/more", "/opt/q/usr/bin/qemu", "-L", "/x",
        ]
        let command = jail.command(loader, view: Jail.View())
        for path in ["/opt/q/lib/ld.so", "/opt/q/lib", "/opt/q/more", "/opt/q/usr/bin", "/opt/q/usr/share"] {
            #expect(command.indices.contains { command[$0] == "--ro-bind-try" && command[$0 + 1] == path }, "\(path)")
        }
        #expect(command.filter { $0 == "/x" }.count == 1)
    }

    @Test func aProgramInTheHomeDirectoryDoesNotShowTheHome() {
        let command = Jail(bubblewrap: "/usr/bin/bwrap", isRoot: false).command(
            ["/home/me/bin/qemu-system-x86_64"], view: Jail.View())
        #expect(command.contains("/home/me/bin") && !command.contains("/home/me") && !command.contains("/home"))
    }
}
