/// A trust store in the one format that every Java reads, from 8 on: JKS (`sun.security.provider.JavaKeyStore`), which
/// holds certificates and no keys here.
enum JavaTrustStore {
    /// Behind the entries stands a digest with a password, which Java looks at only if it is given one. This store has
    /// none, so that no boot waits for a digest.
    private static let digest = [UInt8](repeating: 0, count: 20)

    /// The store of these certificates, PEM. A block whose content is not Base64 is left out.
    static func encode(_ pem: [UInt8]) -> [UInt8] {
        let certificates = TrustedCertificates.certificates(in: pem).compactMap(der)
        var store = bigEndian(0xfeed_feed) + bigEndian(2) + bigEndian(UInt32(certificates.count))
        store.reserveCapacity(pem.count)
        for (number, certificate) in certificates.enumerated() {
            store += bigEndian(2)  // a trusted certificate
            store += text("silo-\(number + 1)")
            store += [UInt8](repeating: 0, count: 8)  // made in 1970: nobody asks
            store += text("X.509") + bigEndian(UInt32(certificate.count)) + certificate
        }
        return store + digest
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// As `DataOutput.writeUTF` writes ASCII.
    private static func text(_ ascii: String) -> [UInt8] {
        [UInt8(ascii.utf8.count >> 8), UInt8(ascii.utf8.count & 0xff)] + Array(ascii.utf8)
    }

    /// The bytes of one PEM block (RFC 7468).
    private static func der(_ block: [UInt8]) -> [UInt8]? {
        let lines = block.split(separator: UInt8(ascii: "\n"))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(block.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in lines.dropFirst().dropLast().joined() where byte != UInt8(ascii: "=") {
            guard let value = base64(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes.isEmpty ? nil : bytes
    }

    private static func base64(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
