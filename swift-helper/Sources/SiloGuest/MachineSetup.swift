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

    /// What a machine has before it becomes a snapshot.
    struct Prepared {
        let base: BaseConfiguration
        /// Whether the tool could be warmed.
        let isWarm: Bool
        let machineID: MappedFile
    }

    /// Does what is the same for every run of the image. What comes after it happens once in each machine that a
    /// snapshot is restored to.
    static func prepare(_ preparation: Preparation) throws(SystemError) -> Prepared {
        try RootFileSystem.mountLower()
        try layBase(preparation.base)
        let warm = WarmUp.run(preparation)
        try ShareMounts.makeUsualPlaces()
        return Prepared(base: preparation.base, isWarm: warm, machineID: try Identity.mapMachineID())
    }

    static func apply(_ configuration: Configuration, _ prepared: Prepared?) throws(SystemError) -> Machine {
        let base = configuration.base
        try Identity.refresh(configuration)
        if let prepared {
            Identity.write(machineID: configuration.machineID, to: prepared.machineID)
        } else {
            if !base.keepsRoot { try RootFileSystem.mountLower() }
            try layBase(base)
            try Identity.write(machineID: configuration.machineID)
        }
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
