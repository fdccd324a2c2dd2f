import SiloProtocol

/// The last bytes of what the guest printed on its console. Bounded, whatever the guest prints.
package struct ConsoleLog {
    package static let capacityBytes = 65_536

    /// What Linux prints when it gives up.
    private static let panicText = Array("Kernel panic - not syncing".utf8)

    private var ring: [UInt8] = []
    private var start = 0
    /// How many bytes of `panicText` the printed bytes end in.
    private var matched = 0
    /// The guest's kernel said that it panicked. A guest's root can print the same words: use it for messages, and for
    /// decisions only before programs of the user run.
    package private(set) var sawPanic = false

    package init() {}

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            watchForPanic(byte)
            if ring.count < Self.capacityBytes {
                ring.append(byte)
            } else {
                ring[start] = byte
                start = (start + 1) % Self.capacityBytes
            }
        }
    }

    /// The end of it, fit to be shown on a terminal.
    package var tail: String {
        let all = ring[start...] + ring[..<start]
        return ConsoleText.sanitized(all, limit: Limits.consoleBytes, keepEnd: true)
    }

    private mutating func watchForPanic(_ byte: UInt8) {
        if byte == Self.panicText[matched] {
            matched += 1
        } else {
            // Its first letter, K, does not occur in it again: no shorter match can be under way.
            matched = byte == Self.panicText[0] ? 1 : 0
        }
        if matched == Self.panicText.count {
            sawPanic = true
            matched = 0
        }
    }
}

/// Text of the guest's, made harmless: it can neither move the cursor, nor colour, nor hide anything.
package enum ConsoleText {
    /// Keeps printable ASCII, other letters, line feeds and tabs. Carriage returns before line feeds go; other control
    /// characters (C0, C1, bidirectional marks) and what is not UTF-8 become U+FFFD. At most `limit` bytes.
    package static func sanitized(_ bytes: some Collection<UInt8>, limit: Int, keepEnd: Bool = false) -> String {
        // Replacing can make text longer, never shorter by more than the carriage returns: cut before and after.
        let window = keepEnd ? Array(bytes.suffix(2 * limit)) : Array(bytes.prefix(2 * limit))
        var scalars: [Unicode.Scalar] = []
        for scalar in String(decoding: window, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n", "\t": scalars.append(scalar)
            case "\r": continue
            default: scalars.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
            }
        }
        var text = String.UnicodeScalarView()
        var size = 0
        for scalar in keepEnd ? scalars.reversed() : scalars {
            size += UTF8.width(scalar)
            if size > limit { break }
            text.append(scalar)
        }
        return String(keepEnd ? String.UnicodeScalarView(text.reversed()) : text)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
