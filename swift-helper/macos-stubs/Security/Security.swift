import Foundation

// What Core Foundation gives on a Mac.
public final class CFString: ExpressibleByStringLiteral {
    public required init(stringLiteral value: String) { fatalError() }
}
public final class CFAllocator {}
public final class CFError {}
public final class SecTask {}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTaskCreateFromSelf(_ allocator: CFAllocator?) -> SecTask? { fatalError() }
// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTaskCopyValueForEntitlement(
    _ task: SecTask, _ entitlement: CFString, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> AnyObject? { fatalError() }
