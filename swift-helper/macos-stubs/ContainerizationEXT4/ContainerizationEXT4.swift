import ContainerizationArchive
import ContainerizationExtras
import Foundation
import Synchronization
import SystemPackage

public enum EXT4 {
    public struct JournalConfig: Sendable {}
    /// What formatters were told, in order; a test clears it.
    public static let calls = Mutex<[String]>([])

    public class Formatter {
        public init(
            _ devicePath: FilePath, blockSize: UInt32 = 4096, minDiskSize: UInt64 = 262_144,
            journal: JournalConfig? = nil
        ) throws {
            let kept = journal == nil ? "no journal" : "journal"
            EXT4.calls.withLock { $0.append("format \(devicePath.string), \(minDiskSize) bytes, \(kept)") }
        }

        public func unpack(
            source: URL, format: Format = .paxRestricted, compression: Filter = .gzip, progress: ProgressHandler? = nil
        ) async throws {
            EXT4.calls.withLock { $0.append("unpack \(source.path), \(format), \(compression)") }
            guard FileManager.default.fileExists(atPath: source.path) else { throw Unreadable() }
        }
        public func close() throws { EXT4.calls.withLock { $0.append("close") } }
    }

    struct Unreadable: Error {}
}
