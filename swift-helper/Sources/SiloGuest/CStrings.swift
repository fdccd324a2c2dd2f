import SiloIO

/// A NULL-terminated array of C strings in one piece of memory, as execve(2) takes it.
final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let memory: UnsafeMutablePointer<CChar>

    init(_ strings: [[UInt8]]) {
        let bytes = strings.reduce(0) { $0 + $1.count + 1 }
        pointers = .allocate(capacity: strings.count + 1)
        memory = .allocate(capacity: max(bytes, 1))
        var next = memory
        for (index, string) in strings.enumerated() {
            string.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: next, count: $0.count).copyMemory(from: $0) }
            next[string.count] = 0
            pointers[index] = next
            next += string.count + 1
        }
        pointers[strings.count] = nil
    }

    deinit {
        pointers.deallocate()
        memory.deallocate()
    }
}
