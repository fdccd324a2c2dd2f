public struct HostProbeParameters: Sendable, Equatable {
    public struct Linux: Sendable, Equatable, Encodable {
        /// The command that starts QEMU.
        public var qemu: [String]
        /// Where findings are kept until the host boots again; nil: nothing is remembered.
        public var stateDirectory: String?

        public init(qemu: [String], stateDirectory: String? = nil) {
            self.qemu = qemu
            self.stateDirectory = stateDirectory
        }
    }

    public var linux: Linux?

    public init(linux: Linux? = nil) { self.linux = linux }
}

extension HostProbeParameters: Codable {}

extension HostProbeParameters.Linux: Decodable {
    private enum Keys: String, CodingKey { case qemu, stateDirectory }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        qemu = try container.command(.qemu)
        stateDirectory = container.contains(.stateDirectory) ? try container.path(.stateDirectory) : nil
    }
}

public enum AcceleratorName: String, Sendable, Codable, CaseIterable { case kvm, tcg, apple }

public struct AcceleratorReport: Sendable, Equatable, Codable {
    public var name: AcceleratorName
    public var usable: Bool
    /// Why, as a sentence for people.
    public var reason: String

    public init(name: AcceleratorName, usable: Bool, reason: String) {
        self.name = name
        self.usable = usable
        self.reason = reason
    }
}

/// One layer between the VM monitor and the host.
public struct JailLayer: Sendable, Equatable, Codable {
    public var layer: String
    public var active: Bool
    public var reason: String

    public init(layer: String, active: Bool, reason: String) {
        self.layer = layer
        self.active = active
        self.reason = reason
    }
}

public struct HostProbeResult: Sendable, Equatable, Codable {
    /// What `auto` chooses.
    public var accelerator: AcceleratorName
    public var accelerators: [AcceleratorReport]
    public var hypervisor: Peer
    public var jail: [JailLayer]

    public init(
        accelerator: AcceleratorName, accelerators: [AcceleratorReport], hypervisor: Peer, jail: [JailLayer]
    ) {
        self.accelerator = accelerator
        self.accelerators = accelerators
        self.hypervisor = hypervisor
        self.jail = jail
    }
}
