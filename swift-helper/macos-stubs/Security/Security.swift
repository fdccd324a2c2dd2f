import Foundation
import Synchronization

// What Core Foundation gives on a Mac.
public final class CFString: ExpressibleByStringLiteral {
    public let value: String
    public required init(stringLiteral value: String) { self.value = value }
}
public final class CFAllocator {}
public final class CFError {}
public final class SecTask {}

/// The entitlements that a test gives this program; nil: the system does not say.
public let entitlements = Mutex<Set<String>?>([])

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTaskCreateFromSelf(_ allocator: CFAllocator?) -> SecTask? {
    entitlements.withLock { $0 == nil ? nil : SecTask() }
}
// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTaskCopyValueForEntitlement(
    _ task: SecTask, _ entitlement: CFString, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> AnyObject? {
    // A boolean comes as an object, as every value of a property list does.
    entitlements.withLock { $0?.contains(entitlement.value) == true } ? NSNumber(value: true) : nil
}
