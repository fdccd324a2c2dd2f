import SiloIO

/// Certificate authorities of the host's owner, trusted beside those of the image: added to the bundles that programs
/// read, never instead of them.
enum TrustedCertificates {
    /// The added ones alone, for programs that have a list of their own (node).
    static let added: Path = "/run/silo/host-certificates.pem"
    /// All of them, whatever the distribution; the tools' environment names it.
    static let merged: Path = "/run/silo/ca-bundle.pem"
    /// The same for Java, which reads no PEM.
    static let mergedForJava: Path = "/run/silo/ca-bundle.jks"
    /// Where Debian's update-ca-certificates looks for what was added, so that it keeps them.
    private static let localAdditions: Path = "/usr/local/share/ca-certificates"
    /// Debian and Alpine; Fedora; SUSE; OpenSSL's own.
    private static let bundles: [Path] = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// May be called again with more. `prefix` names the files of these ones among the local additions.
    ///
    /// `keepsRoot`: the image's own files stay as they are, for what is written to them would outlive this machine and
    /// what the host trusts by then; programs find the authorities by their variables.
    static func install(_ pem: [UInt8], prefix: String, keepsRoot: Bool) throws(SystemError) {
        guard !pem.isEmpty else { return }
        let addition = [UInt8(ascii: "\n")] + pem + [UInt8(ascii: "\n")]
        try Files.makeDirectories(added.parent)
        let isFirst = Files.type(of: merged) == nil
        try Files.write(added, pem + [UInt8(ascii: "\n")], appending: true)
        // Links among them lead to one file: each file gets the addition once.
        var seen: Set<FileIdentity> = []
        var content: [UInt8]?
        for bundle in bundles {
            guard let file = FileIdentity(of: bundle), seen.insert(file).inserted else { continue }
            if isFirst { content = content ?? Files.read(bundle) }
            if !keepsRoot { try Files.write(bundle, addition, appending: true) }
        }
        try Files.write(merged, (content ?? []) + addition, appending: true)
        try Files.write(mergedForJava, JavaTrustStore.encode(Files.read(merged) ?? []), replacing: true)
        if keepsRoot { return }
        try Files.makeDirectories(localAdditions)
        for (number, certificate) in certificates(in: pem).enumerated() {
            try Files.write(localAdditions / "\(prefix)-\(number + 1).crt", certificate, replacing: true)
        }
        if seen.isEmpty {
            try Files.makeDirectories(bundles[0].parent)
            try Files.write(bundles[0], pem + [UInt8(ascii: "\n")], replacing: true)
        }
    }

    /// The blocks from BEGIN to END, each with its last newline.
    static func certificates(in pem: [UInt8]) -> [[UInt8]] {
        let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
        let end = Array("-----END CERTIFICATE-----".utf8)
        var found: [[UInt8]] = []
        var current: [UInt8]?
        for line in pem.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if text.elementsEqual(begin) { current = [] }
            guard current != nil else { continue }
            current! += text + [UInt8(ascii: "\n")]
            if text.elementsEqual(end) {
                found.append(current!)
                current = nil
            }
        }
        return found
    }
}

/// Which file a path leads to.
private struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64

    init?(of path: Path) {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
