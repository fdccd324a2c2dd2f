extension MachineSpec: Codable {
    enum CodingKeys: String, CodingKey {
        case runDirectory, dataSocket, kernel, rootfs, scratch, cpus, memoryMiB, shares, guest, network, boot, linux
        case sshAgent, watchPorts
        case apple
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        runDirectory = try container.path(.runDirectory)
        dataSocket = try container.path(.dataSocket)
        kernel = try container.decode(Kernel.self, forKey: .kernel)
        rootfs = try container.decode(Rootfs.self, forKey: .rootfs)
        scratch = try container.decodeIfPresent(Scratch.self, forKey: .scratch)
        cpus = try container.integer(.cpus, in: Limits.cpus)
        memoryMiB = try container.integer(.memoryMiB, in: Limits.memoryMiB)
        shares = try container.decode([Share].self, forKey: .shares)
        guest = try container.decode(Guest.self, forKey: .guest)
        network = try container.decodeIfPresent(Network.self, forKey: .network)
        sshAgent = try container.decodeIfPresent(Bool.self, forKey: .sshAgent) ?? false
        watchPorts = try container.decodeIfPresent(Bool.self, forKey: .watchPorts) ?? false
        boot = try container.decode(Boot.self, forKey: .boot)
        linux = try container.decodeIfPresent(Linux.self, forKey: .linux)
        apple = try container.decodeIfPresent(Apple.self, forKey: .apple)

        guard rootfs.copy == nil || scratch == nil else {
            throw container.invalid(.scratch, "is given beside rootfs.copy, which has all the writable room there is")
        }
        guard rootfs.copy == nil || apple?.scratchMiB == nil else {
            throw HelperError.invalid(
                "apple.scratchMiB", "is given beside rootfs.copy, which has all the writable room there is")
        }
        guard shares.count <= Limits.shares else {
            throw container.invalid(.shares, "has \(shares.count) entries, more than \(Limits.shares)")
        }
        for (index, share) in shares.enumerated() where shares[..<index].contains(where: { $0.tag == share.tag }) {
            throw HelperError.invalid("shares[\(index)].tag", "is \"\(share.tag)\", as another share's")
        }
    }

    /// `scratch` is written as null when there is none: its absence is a decision, not an omission.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(runDirectory, forKey: .runDirectory)
        try container.encode(dataSocket, forKey: .dataSocket)
        try container.encode(kernel, forKey: .kernel)
        try container.encode(rootfs, forKey: .rootfs)
        try container.encode(scratch, forKey: .scratch)
        try container.encode(cpus, forKey: .cpus)
        try container.encode(memoryMiB, forKey: .memoryMiB)
        try container.encode(shares, forKey: .shares)
        try container.encode(guest, forKey: .guest)
        try container.encodeIfPresent(network, forKey: .network)
        if sshAgent { try container.encode(true, forKey: .sshAgent) }
        if watchPorts { try container.encode(true, forKey: .watchPorts) }
        try container.encode(boot, forKey: .boot)
        try container.encodeIfPresent(linux, forKey: .linux)
        try container.encodeIfPresent(apple, forKey: .apple)
    }
}

extension MachineSpec.Kernel: Decodable {
    private enum Keys: String, CodingKey { case path, initrd }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        path = try container.path(.path)
        initrd = try container.path(.initrd)
    }
}

extension MachineSpec.Rootfs: Decodable {
    private enum Keys: String, CodingKey { case path, copy }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        path = try container.path(.path)
        copy = try container.decodeIfPresent(MachineSpec.Copy.self, forKey: .copy)
    }
}

extension MachineSpec.Copy: Decodable {
    private enum Keys: String, CodingKey { case path, sizeMiB }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        path = try container.path(.path)
        sizeMiB = try container.integer(.sizeMiB, in: 1...Limits.diskMiB)
    }
}

extension MachineSpec.Scratch: Decodable {
    private enum Keys: String, CodingKey { case directory, sizeMiB, template }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        directory = try container.path(.directory)
        sizeMiB = try container.integer(.sizeMiB, in: 1...Limits.diskMiB)
        template = try container.path(.template)
    }
}

extension MachineSpec.Share: Decodable {
    private enum Keys: String, CodingKey { case tag, hostPath, guestPath, readOnly, files }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        tag = try container.text(.tag, minimum: 1, limit: 255)
        hostPath = try container.path(.hostPath)
        guestPath = try container.path(.guestPath)
        readOnly = try container.decode(Bool.self, forKey: .readOnly)
        files = try container.decodeIfPresent([MachineSpec.File].self, forKey: .files)
    }
}

extension MachineSpec.File: Decodable {
    private enum Keys: String, CodingKey { case name, guestPath }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        name = try container.text(.name, minimum: 1, limit: 255)
        guestPath = try container.path(.guestPath)
        guard name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
            throw container.invalid(.name, "is no name of a file")
        }
    }
}

extension MachineSpec.User: Decodable {
    private enum Keys: String, CodingKey { case uid, gid, name, home, shell }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        uid = try container.integer(.uid, in: 0...(.max - 1))
        gid = try container.integer(.gid, in: 0...(.max - 1))
        name = try container.text(.name, minimum: 1, limit: 32)
        home = try container.path(.home)
        shell = try container.path(.shell)
        // The agent writes them into /etc/passwd, where a colon or a line's end would begin another field.
        for (key, value) in [(Keys.name, name), (.home, home), (.shell, shell)] {
            guard !value.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 < 32 }) else {
                throw container.invalid(key, "contains a colon or a control character")
            }
        }
    }
}

extension MachineSpec.Guest: Decodable {
    private enum Keys: String, CodingKey { case hostname, workspace, user, covered, processes }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        hostname = try container.text(.hostname, minimum: 1, limit: 64)
        workspace = try container.path(.workspace)
        user = try container.decode(MachineSpec.User.self, forKey: .user)
        covered = try container.decodeIfPresent([String].self, forKey: .covered)
        if let path = covered?.first(where: { !$0.hasPrefix("/") || $0.utf8.contains(0) }) {
            throw container.invalid(.covered, "has \"\(path)\", which is no absolute path")
        }
        processes =
            container.contains(.processes) ? try container.integer(.processes, in: Limits.processes) : nil
    }
}

extension MachineSpec.Network: Decodable {
    private enum Keys: String, CodingKey { case certificates, authority }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        certificates = try container.text(.certificates, limit: Limits.certificateBytes)
        authority =
            container.contains(.authority) ? try container.text(.authority, limit: Limits.certificateBytes) : nil
    }
}

extension MachineSpec.Boot: Decodable {
    private enum Keys: String, CodingKey { case timeoutMs, attempts }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        timeoutMs = try container.integer(.timeoutMs, in: Limits.bootTimeoutMs)
        attempts = try container.integer(.attempts, in: Limits.bootAttempts)
    }
}

extension MachineSpec.Linux: Decodable {
    private enum Keys: String, CodingKey { case qemu, accelerator, stateDirectory, snapshots }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        qemu = try container.command(.qemu)
        accelerator = try container.choice(.accelerator)
        stateDirectory = try container.path(.stateDirectory)
        snapshots = try container.decodeIfPresent(MachineSpec.Snapshots.self, forKey: .snapshots)
    }
}

extension MachineSpec.Snapshots: Decodable {
    private enum Keys: String, CodingKey { case directory, warm }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        directory = try container.path(.directory)
        warm = try container.decodeIfPresent(MachineSpec.Warm.self, forKey: .warm)
    }
}

extension MachineSpec.Warm: Decodable {
    private enum Keys: String, CodingKey { case argv, env }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        argv = try container.decode([ByteString].self, forKey: .argv)
        env = try container.decode([ByteString].self, forKey: .env)
        guard !argv.isEmpty else { throw container.invalid(.argv, "is empty") }
    }
}

extension MachineSpec.Apple: Decodable {
    private enum Keys: String, CodingKey { case agent, scratchMiB }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        agent = try container.path(.agent)
        if container.contains(.scratchMiB) {
            scratchMiB = try container.integer(.scratchMiB, in: 1...Limits.diskMiB)
        }
    }
}
