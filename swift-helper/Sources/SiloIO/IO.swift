import CSilo
import SiloWire

/// One attempt at non-blocking input or output.
public enum IOResult: Equatable, Sendable {
    /// At least one byte went over.
    case bytes(Int)
    case wouldBlock
    /// Read only: the other end sends no more.
    case end
    case failed(errno: Int32)
}

/// read(2) and write(2) on non-blocking descriptors; EINTR is tried again.
public enum IO {
    /// Reads at most `buffer.count` bytes. EIO of a pty's master, which means "no slave is open", counts as the end.
    public static func read(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        guard buffer.count > 0 else { return .wouldBlock }
        while true {
            let count = platformRead(fd, buffer.baseAddress!, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch currentErrno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case EIO, ECONNRESET: return .end
            case let code: return .failed(errno: code)
            }
        }
    }

    /// Writes at most `bytes.count` bytes. The program ignores SIGPIPE (`silo_ignore_sigpipe`): a reader that is gone
    /// is EPIPE.
    public static func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult {
        guard bytes.count > 0 else { return .bytes(0) }
        while true {
            let count = platformWrite(fd, bytes.baseAddress!, bytes.count)
            if count >= 0 { return .bytes(count) }
            switch currentErrno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(errno: code)
            }
        }
    }

    /// Writes as much of a queue as the descriptor takes now. `nil`: all that was possible is done; else the errno.
    public static func drain(_ queue: ByteQueue, to fd: Int32, maximum: Int = .max) -> Int32? {
        var left = maximum
        while !queue.isEmpty, left > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: queue.readable.prefix(left))
            switch write(fd, bytes) {
            case .bytes(let count):
                queue.consume(count)
                left -= count
            case .wouldBlock, .end: return nil
            case .failed(let code): return code
            }
        }
        return nil
    }

    /// A pipe, close-on-exec.
    public static func pipe(nonblocking: Bool) throws(SystemError) -> (read: Int32, write: Int32) {
        var fds: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &fds) { pointer in
            pointer.withMemoryRebound(to: Int32.self, capacity: 2) { silo_pipe($0, nonblocking ? 1 : 0) }
        }
        guard result == 0 else { throw SystemError("make a pipe") }
        return (fds.0, fds.1)
    }

    /// A connected pair of Unix stream sockets, close-on-exec and non-blocking.
    public static func socketPair() throws(SystemError) -> (Int32, Int32) {
        var fds: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutablePointer(to: &fds) { pointer in
            pointer.withMemoryRebound(to: Int32.self, capacity: 2) { silo_socketpair($0) }
        }
        guard result == 0 else { throw SystemError("make a pair of sockets") }
        return fds
    }
}

@inline(__always)
private func platformRead(_ fd: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    #if canImport(Darwin)
        Darwin.read(fd, bytes, count)
    #elseif canImport(Glibc)
        Glibc.read(fd, bytes, count)
    #else
        Musl.read(fd, bytes, count)
    #endif
}

@inline(__always)
private func platformWrite(_ fd: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Darwin)
        Darwin.write(fd, bytes, count)
    #elseif canImport(Glibc)
        Glibc.write(fd, bytes, count)
    #else
        Musl.write(fd, bytes, count)
    #endif
}
