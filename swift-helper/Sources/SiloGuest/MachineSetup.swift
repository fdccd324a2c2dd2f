import SiloIO
import SiloWire

/// Carries CONFIGURE out, step by step. The first step that fails ends it: the machine is of no use then.
enum MachineSetup {
    /// What the agent keeps of it.
    struct Machine {
        let shares: ShareMounts
        let limits: ToolLimits
        /// Whether the root's disk is kept.
        let keepsRoot: Bool

        /// Before a tool's end is told: what it wrote to what outlives the machine is there for good.
        func settle() throws(SystemError) {
            shares.sync()
            if keepsRoot { try RootFileSystem.seal() }
        }
    }

    /// Does what is the same for every run of the image; returns whether the tool could be warmed. What comes after it
    /// happens once in each machine that a snapshot is restored to.
    static func prepare(_ preparation: Preparation) throws(SystemError) -> Bool {
        try RootFileSystem.mountLower()
        return WarmUp.run(preparation)
    }

    static func apply(_ configuration: Configuration, isPrepared: Bool) throws(SystemError) -> Machine {
        try Identity.refresh(configuration)
        try RootFileSystem.enter(scratch: configuration.scratch, isPrepared: isPrepared)
        try SystemMounts.mountAll()
        try Identity.writeFiles(configuration)
        try TrustedCertificates.install(configuration.certificates, keepsRoot: configuration.scratch == .root)
        try Accounts.add(configuration.user)
        var shares = ShareMounts(user: configuration.user)
        try shares.mountAll(configuration.shares)
        try Identity.apply(configuration.sysctls)
        let limits = try ToolLimits(configuration)
        return Machine(shares: shares, limits: limits, keepsRoot: configuration.scratch == .root)
    }

    /// As above where another init has made the machine: root, mounts, shares, clock and hostname are there, and what
    /// is left are the files that say who and where the tool is.
    static func applyAsBridge(_ configuration: Configuration) throws(SystemError) -> Machine {
        try SystemMounts.makeWritableDirectories()
        try Identity.writeFiles(configuration)
        try TrustedCertificates.install(configuration.certificates, keepsRoot: false)
        try Accounts.add(configuration.user)
        return Machine(
            shares: ShareMounts(user: configuration.user, mounted: configuration.shares),
            limits: try ToolLimits(configuration), keepsRoot: false)
    }
}
