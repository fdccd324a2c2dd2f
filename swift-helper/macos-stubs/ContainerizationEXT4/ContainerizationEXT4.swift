import ContainerizationArchive
import ContainerizationExtras
import Foundation
import SystemPackage

public enum EXT4 {
    public struct JournalConfig: Sendable {}

    public class Formatter {
        public init(
            _ devicePath: FilePath, blockSize: UInt32 = 4096, minDiskSize: UInt64 = 262_144,
            journal: JournalConfig? = nil
        ) throws { fatalError() }

        public func unpack(
            source: URL, format: Format = .paxRestricted, compression: Filter = .gzip, progress: ProgressHandler? = nil
        ) async throws { fatalError() }
        public func close() throws { fatalError() }
    }
}
