#if os(macOS) || SILO_STUBS
    import Foundation
    import Security
    import Virtualization

    /// What this program may do, asked of the system itself.
    enum Entitlement {
        static var isVirtualizationSupported: Bool { VZVirtualMachine.isSupported }

        /// Whether this program's signature has it. Signing is lost with every link.
        static var isGranted: Bool {
            guard let task = SecTaskCreateFromSelf(nil) else { return false }
            let name = "com.apple.security.virtualization" as CFString
            return SecTaskCopyValueForEntitlement(task, name, nil) as? Bool == true
        }
    }
#endif
