import Testing

@testable import SiloGuest

@Suite struct JavaTrustStoreTests {
    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    /// Field by field what `java.security.KeyStore` reads; "TWFu" and "TWE=" are RFC 4648's spelling of "Man" and "Ma".
    @Test func aStoreHasItsCertificatesAndNothingElse() {
        let pem = ["TWFu", "TWE=", "T*Fu"].map { "-----BEGIN CERTIFICATE-----\r\n\($0)\r\n-----END CERTIFICATE-----\n" }
        let store = JavaTrustStore.encode(Array(pem.joined(separator: "between\n").utf8))
        let entry = { (number: Int, content: String, length: Int) in
            "00000002" + "0006" + "73696c6f2d3\(number)" + "0000000000000000" + "0005" + "582e353039"
                + "0000000\(length)" + content
        }
        let body = "feedfeed" + "00000002" + "00000002" + entry(1, "4d616e", 3) + entry(2, "4d61", 2)
        #expect(hex(store) == body + String(repeating: "00", count: 20))
    }

    @Test func withoutCertificatesItIsEmptyButWhole() {
        #expect(hex(JavaTrustStore.encode([])) == "feedfeed0000000200000000" + String(repeating: "00", count: 20))
    }
}
