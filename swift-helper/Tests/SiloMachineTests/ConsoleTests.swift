import Testing

@testable import SiloMachine

@Suite struct ConsoleTests {
    private func log(_ pieces: [UInt8]...) -> ConsoleLog {
        var log = ConsoleLog()
        for piece in pieces { piece.withUnsafeBytes { log.append($0) } }
        return log
    }

    @Test func controlCharactersAreReplaced() {
        let hostile = "\u{1B}[31mred\u{1B}]0;title\u{07}\r\nok\tüñ\u{9B}2J\u{202E}\u{0}\u{7F}\u{200B}"
        let text = ConsoleText.sanitized(Array(hostile.utf8), limit: 4_096)
        #expect(text == "\u{FFFD}[31mred\u{FFFD}]0;title\u{FFFD}\nok\tüñ\u{FFFD}2J\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    }

    @Test func anyBytesGiveBoundedHarmlessText() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<30 {
            let bytes = (0..<Int.random(in: 0...9_000)).map { _ in UInt8.random(in: 0...255, using: &random) }
            for keepEnd in [false, true] {
                let text = ConsoleText.sanitized(bytes, limit: 4_096, keepEnd: keepEnd)
                #expect(text.utf8.count <= 4_096)
                let isHarmless = { (scalar: Unicode.Scalar) in scalar.value >= 32 && scalar.value != 127 }
                #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || isHarmless($0) })
            }
        }
    }

    @Test func theTailIsTheEnd() {
        var log = ConsoleLog()
        for line in 0..<20_000 { Array("line \(line)\r\n".utf8).withUnsafeBytes { log.append($0) } }
        #expect(log.tail.hasSuffix("line 19998\nline 19999\n"))
        #expect(log.tail.utf8.count <= 4_096 && log.tail.utf8.count > 4_000)
    }

    @Test func aPanicIsSeenHoweverItIsSplit() {
        let text = Array("x\nKKernel panic - not syncing: VFS\n".utf8)
        for split in text.indices { #expect(log(Array(text[..<split]), Array(text[split...])).sawPanic) }
        #expect(!log(Array("Kernel panik - not syncing".utf8)).sawPanic)
    }
}
