/// Everything a machine driver needs to bring up one VM. Paths are the host's, absolute, unless said otherwise.
public struct MachineSpec: Sendable, Equatable {
    public struct Kernel: Sendable, Equatable, Encodable {
        public var path: String
        /// What the kernel starts from: an initramfs on Linux, the ext4 of Apple's init on macOS.
        public var initrd: String
    }

    public struct Rootfs: Sendable, Equatable, Encodable {
        public var path: String
        /// The machine runs on a copy of it, which it may change and which stays.
        public var copy: Copy?
    }

    /// A root file system that is being made.
    public struct Copy: Sendable, Equatable, Encodable {
        /// Made, or made anew, when the machine starts.
        public var path: String
        /// What the guest lets it grow to; nothing if it is larger already.
        public var sizeMiB: Int
    }

    /// The writable layer; it is gone with the machine.
    public struct Scratch: Sendable, Equatable, Encodable {
        public var directory: String
        public var sizeMiB: Int
        /// A formatted ext4 image that the disk starts as a copy of.
        public var template: String
    }

    public struct Share: Sendable, Equatable, Encodable {
        public var tag: String
        public var hostPath: String
        public var guestPath: String
        public var readOnly: Bool
        /// Single files of the share and where the guest sees each; given, the share is not seen as a whole.
        public var files: [File]?

        /// A directory as a whole.
        public init(tag: String, hostPath: String, guestPath: String, readOnly: Bool) {
            (self.tag, self.hostPath, self.guestPath, self.readOnly) = (tag, hostPath, guestPath, readOnly)
        }
    }

    public struct File: Sendable, Equatable, Encodable {
        /// In the share's directory.
        public var name: String
        public var guestPath: String
    }

    public struct User: Sendable, Equatable, Encodable {
        public var uid: UInt32
        public var gid: UInt32
        public var name: String
        public var home: String
        public var shell: String
    }

    public struct Guest: Sendable, Equatable, Encodable {
        public var hostname: String
        public var workspace: String
        public var user: User
        /// Paths that something empty hides.
        public var covered: [String]?
        /// How many processes there may be at one time; nil: no limit but the kernel's.
        public var processes: UInt32?
    }

    /// What stands in for a network card; each connection becomes a stream on the data socket.
    public struct Network: Sendable, Equatable, Encodable {
        /// Certificate authorities (PEM) that the guest trusts beside its own; may be empty.
        public var certificates: String
        /// As those, but of this run alone; nil: none.
        public var authority: String?
    }

    public struct Boot: Sendable, Equatable, Encodable {
        /// For one attempt.
        public var timeoutMs: Int
        public var attempts: Int
    }

    public enum AcceleratorChoice: String, Sendable, Codable, CaseIterable { case auto, kvm, tcg }

    /// Where booted machines are kept, and what is done in one before it is.
    public struct Snapshots: Sendable, Equatable, Encodable {
        /// Exists, mode 0700.
        public var directory: String
        /// A cheap start of the tool, so that its files are in memory; nil: none.
        public var warm: Warm?
    }

    public struct Warm: Sendable, Equatable, Encodable {
        public var argv: [ByteString]
        public var env: [ByteString]
    }

    public struct Linux: Sendable, Equatable, Encodable {
        public var qemu: [String]
        public var accelerator: AcceleratorChoice
        public var stateDirectory: String
        /// nil: every machine boots from cold, and leaves none behind.
        public var snapshots: Snapshots?
    }

    public struct Apple: Sendable, Equatable, Encodable {
        /// silo-guest for Linux on arm64.
        public var agent: String
        /// Size of the writable layer, which is gone with the machine; nil: the clone of the root file system is
        /// written to, as far as it has room.
        public var scratchMiB: Int?
    }

    /// Exists, mode 0700.
    public var runDirectory: String
    public var dataSocket: String
    public var kernel: Kernel
    public var rootfs: Rootfs
    /// nil: the writable layer is kept in the guest's memory.
    public var scratch: Scratch?
    public var cpus: Int
    public var memoryMiB: Int
    public var shares: [Share]
    public var guest: Guest
    /// nil: the guest has no network.
    public var network: Network?
    /// Whether the guest has a socket for ssh that leads to the CLI.
    public var sshAgent: Bool
    /// Whether `ports/listening` is wanted.
    public var watchPorts: Bool
    public var boot: Boot
    public var linux: Linux?
    public var apple: Apple?
}

public struct MachineStarted: Sendable, Equatable, Codable {
    public struct Timing: Sendable, Equatable, Codable {
        public var phase: String
        public var milliseconds: Int

        public init(phase: String, milliseconds: Int) {
            self.phase = phase
            self.milliseconds = milliseconds
        }
    }

    public var accelerator: AcceleratorName
    public var attempts: Int
    /// The guest's kernel release.
    public var kernel: String
    /// The guest agent's version.
    public var agent: String
    public var timings: [Timing]

    public init(accelerator: AcceleratorName, attempts: Int, kernel: String, agent: String, timings: [Timing]) {
        self.accelerator = accelerator
        self.attempts = attempts
        self.kernel = kernel
        self.agent = agent
        self.timings = timings
    }

    /// Whether it came out of a snapshot: the driver's name for that phase.
    public var isRestored: Bool { timings.contains { $0.phase == Self.restorePhase } }
    public static let restorePhase = "restore"
}

public struct SnapshotResult: Sendable, Equatable, Codable {
    /// False: it was there, or another process makes it just now.
    public var made: Bool
    public var milliseconds: Int

    public init(made: Bool, milliseconds: Int) {
        self.made = made
        self.milliseconds = milliseconds
    }
}
