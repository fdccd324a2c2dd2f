import SiloIO
import SiloWire

/// Carries PREPARE and CONFIGURE out, step by step. The first step that fails ends it: the machine is of no use then.
enum MachineSetup {
    /// What the agent keeps of it.
    struct Machine {
        let shares: ShareMounts
        let limits: ToolLimits
        let root: Root

        enum Root {
            case thrownAway
            /// Its disk is kept, and the agent has mounted it.
            case kept
            /// Its disk is kept, and another init has mounted it.
            case keptByOthers(KeptRoot)
        }

        /// Before a tool's end is told: what it wrote to what outlives the machine is there for good.
        func settle() throws(SystemError) {
            shares.sync()
            switch root {
            case .thrownAway: break
            case .kept: try RootFileSystem.seal()
            case .keptByOthers(let root): try root.seal()
            }
        }
    }

    /// Does what is the same for every run of the image; returns whether the tool could be warmed. What comes after it
    /// happens once in each machine that a snapshot is restored to.
    static func prepare(_ preparation: Preparation) throws(SystemError) -> Bool {
        // The warm-up has the image's disk to itself: its own writable layer, and nothing of this machine.
        try RootFileSystem.mountLower()
        let warm = WarmUp.run(preparation)
        try layBase(preparation.base)
        return warm
    }

    static func apply(_ configuration: Configuration, isPrepared: Bool) throws(SystemError) -> Machine {
        let base = configuration.base
        try Identity.refresh(configuration)
        if !isPrepared {
            if !base.keepsRoot { try RootFileSystem.mountLower() }
            try layBase(base)
        }
        try Identity.write(machineID: configuration.machineID)
        try TrustedCertificates.install(configuration.authority, prefix: "silo-run", keepsRoot: base.keepsRoot)
        var shares = ShareMounts(user: base.user)
        try shares.mountAll(configuration.shares)
        try Identity.apply(configuration.sysctls)
        let limits = try ToolLimits(configuration)
        return Machine(shares: shares, limits: limits, root: base.keepsRoot ? .kept : .thrownAway)
    }

    /// As above where another init has made the machine: root, mounts, shares, clock and hostname are there, and what
    /// is left are the files that say who and where the tool is.
    static func applyAsBridge(_ configuration: Configuration) throws(SystemError) -> Machine {
        let base = configuration.base
        try SystemMounts.makeWritableDirectories()
        try layFiles(base)
        try Identity.write(machineID: configuration.machineID)
        try TrustedCertificates.install(configuration.authority, prefix: "silo-run", keepsRoot: base.keepsRoot)
        return Machine(
            shares: ShareMounts(user: base.user, mounted: configuration.shares),
            limits: try ToolLimits(configuration, role: .bridge),
            root: base.keepsRoot ? .keptByOthers(KeptRoot()) : .thrownAway)
    }

    private static func layBase(_ base: BaseConfiguration) throws(SystemError) {
        try Identity.name(base)
        try RootFileSystem.enter(scratch: base.scratch)
        try SystemMounts.mountAll()
        try layFiles(base)
    }

    private static func layFiles(_ base: BaseConfiguration) throws(SystemError) {
        try Identity.writeFiles(base)
        try TrustedCertificates.install(base.certificates, prefix: "silo-host", keepsRoot: base.keepsRoot)
        try Accounts.add(base.user)
    }
}
