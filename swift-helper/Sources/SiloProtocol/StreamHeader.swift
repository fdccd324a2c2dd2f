/// The first line of a connection to the data socket.
public struct StreamHeader: Sendable, Equatable, Codable {
    public enum Stream: String, Sendable, Codable, CaseIterable { case stdin, stdout, stderr, terminal }

    /// The longest line a reader takes, with its line feed.
    public static let maximumBytes = 4_096

    public var process: UInt32
    public var stream: Stream

    public init(process: UInt32, stream: Stream) {
        self.process = process
        self.stream = stream
    }

    /// The line as it goes over the wire.
    public var line: [UInt8] { Array("{\"process\":\(process),\"stream\":\"\(stream.rawValue)\"}\n".utf8) }
}
