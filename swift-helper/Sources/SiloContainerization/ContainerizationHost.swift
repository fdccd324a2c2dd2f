#if os(macOS) || SILO_STUBS
    import ContainerizationArchive
    import ContainerizationEXT4
    import Foundation
    import SiloApple
    import SystemPackage

    /// Apple's frameworks behind the driver's interface. No decision is made here: what can go one way or another is in
    /// `SiloApple`, where Linux tests it.
    public struct ContainerizationHost: VirtualMachineHost {
        /// As in Package.swift; the init image's tag is the same.
        public static let libraryVersion = "0.40.2"

        public init() {}

        public func facts() -> HostFacts {
            let version = ProcessInfo.processInfo.operatingSystemVersion
            return HostFacts(
                systemVersion: "\(version.majorVersion).\(version.minorVersion)",
                isSupported: Entitlement.isVirtualizationSupported, isEntitled: Entitlement.isGranted,
                libraryVersion: Self.libraryVersion)
        }

        /// clonefile(2) on APFS, a copy elsewhere.
        public func clone(_ from: String, to: String) throws {
            try FileManager.default.copyItem(atPath: from, toPath: to)
        }

        public func makeFileSystem(archive: String, output: String, bytes: UInt64) async throws {
            let formatter = try EXT4.Formatter(FilePath(output), minDiskSize: bytes)
            try await formatter.unpack(source: URL(filePath: archive), format: .paxRestricted, compression: .none)
            // Writes the tables; without it the file is no file system.
            try formatter.close()
        }

        public func makeEmptyFileSystem(_ path: String, bytes: UInt64) throws {
            try EXT4.Formatter(FilePath(path), minDiskSize: bytes).close()
        }

        public func makeContainer(_ plan: ContainerPlan) throws -> any ContainerHandle {
            try RunningContainer(plan)
        }
    }
#endif
