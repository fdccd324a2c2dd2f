import Foundation
import Synchronization

open class VZVirtualMachine {
    /// What a test wants this Mac to be.
    public static let answer = Mutex(true)
    public class var isSupported: Bool { answer.withLock { $0 } }
}
