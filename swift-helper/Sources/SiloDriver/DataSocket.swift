import SiloProtocol

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Connections to the CLI's data socket.
enum DataSocket {
    /// How long the CLI may take to accept, in seconds. It listens before it starts the helper, so only a CLI that is
    /// stopped needs longer.
    private static let timeoutSeconds = 10

    /// A connected descriptor, close-on-exec, whose header line has been sent.
    static func connect(to path: String, header: StreamHeader) throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #endif
        guard descriptor >= 0 else { throw failure(path, errno) }
        do {
            try connect(descriptor, to: path)
            try send(header.line, over: descriptor, path)
        } catch {
            _ = close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func connect(_ descriptor: Int32, to path: String) throws {
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))

        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw HelperError.invalid("dataSocket", "is longer than a socket's path may be")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                systemConnect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw failure(path, errno) }
    }

    private static func send(_ line: [UInt8], over descriptor: Int32, _ path: String) throws {
        // A fresh socket's buffer holds the line, so there is no partial write to go on from.
        guard write(descriptor, line, line.count) == line.count else { throw failure(path, errno) }
    }

    private static func failure(_ path: String, _ number: Int32) -> HelperError {
        HelperError(
            .invalid, "cannot connect to the data socket \(path): \(String(cString: strerror(number)))", errno: number)
    }
}

private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    #if canImport(Glibc)
        Glibc.connect(descriptor, address, length)
    #else
        Darwin.connect(descriptor, address, length)
    #endif
}
