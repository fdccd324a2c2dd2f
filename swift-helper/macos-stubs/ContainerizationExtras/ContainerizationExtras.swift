import Foundation

public enum ProgressEvent: Sendable {
    case addItems(Int)
    case addTotalItems(Int)
    case addSize(Int64)
    case addTotalSize(Int64)
}
public typealias ProgressHandler = @Sendable (_ events: [ProgressEvent]) async -> Void
