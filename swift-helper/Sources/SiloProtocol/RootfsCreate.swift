/// Makes one ext4 image of one flattened tar archive; whole or absent.
public struct RootfsParameters: Sendable, Equatable {
    /// Linux: the command that starts mke2fs (1.47.1 or later, for `-d` with a tar archive).
    public struct Linux: Sendable, Equatable {
        public var mke2fs: [String]

        public init(mke2fs: [String]) { self.mke2fs = mke2fs }
    }

    public var tar: String
    /// Must not exist.
    public var output: String
    public var sizeMiB: Int
    /// At most 16 bytes, the room in ext4's superblock.
    public var label: String
    public var linux: Linux?

    public init(tar: String, output: String, sizeMiB: Int, label: String, linux: Linux?) {
        self.tar = tar
        self.output = output
        self.sizeMiB = sizeMiB
        self.label = label
        self.linux = linux
    }
}

extension RootfsParameters: Codable {
    private enum Keys: String, CodingKey { case tar, output, sizeMiB, label, linux }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        tar = try container.path(.tar)
        output = try container.path(.output)
        sizeMiB = try container.integer(.sizeMiB, in: 1...Limits.diskMiB)
        label = try container.text(.label, limit: 16)
        linux = try container.decodeIfPresent(Linux.self, forKey: .linux)
    }
}

extension RootfsParameters.Linux: Codable {
    private enum Keys: String, CodingKey { case mke2fs }

    public init(from decoder: any Decoder) throws {
        mke2fs = try decoder.container(keyedBy: Keys.self).command(.mke2fs)
    }
}

public struct RootfsResult: Sendable, Equatable, Codable {
    public var bytesOnDisk: Int
    public var milliseconds: Int

    public init(bytesOnDisk: Int, milliseconds: Int) {
        self.bytesOnDisk = bytesOnDisk
        self.milliseconds = milliseconds
    }
}

/// Bounds of what may be asked for.
public enum Limits {
    /// 16 TiB, ext4's limit with 4 KiB blocks.
    public static let diskMiB = 16 * 1024 * 1024
    public static let memoryMiB = 64...(4 * 1024 * 1024)
    public static let cpus = 1...255
    /// Every machine has this many share devices, so that all machines have the same devices.
    public static let shares = 8
    /// The kernel's own limit of process ids.
    public static let processes: ClosedRange<UInt32> = 1...4_194_304
    public static let bootTimeoutMs = 1...3_600_000
    public static let bootAttempts = 1...10
    /// What a message about the guest's console may hold, bytes.
    public static let consoleBytes = 4_096
    /// Certificate authorities that a guest is given; a whole public bundle has a quarter of it.
    public static let certificateBytes = 1 << 20
}
