import Foundation

open class VZVirtualMachine {
    public class var isSupported: Bool { fatalError() }
}
