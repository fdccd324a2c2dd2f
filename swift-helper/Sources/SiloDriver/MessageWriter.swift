import SiloProtocol
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes whole framed messages, one at a time. A CLI that does not read makes writers wait; one that is gone makes
/// them drop what they have, and the end of the helper's input says the same thing.
final class MessageWriter: Sendable {
    private let descriptor: Mutex<Int32>

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    func write(_ body: [UInt8]) {
        let framed = MessageEncoder.frame(body)
        descriptor.withLock { descriptor in
            framed.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    let count = systemWrite(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    sent += count
                }
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
