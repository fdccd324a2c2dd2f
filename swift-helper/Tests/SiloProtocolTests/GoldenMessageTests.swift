import Testing

@testable import SiloProtocol

@Suite struct GoldenMessageTests {
    @Test(arguments: ["initialize", "host", "rootfs", "machine", "process"].flatMap(Golden.read))
    func requestsAndResultsSurviveARoundTrip(_ golden: Golden) throws {
        guard golden.direction == "helper-to-cli" else { return try golden.expectRoundTrip(Request.self) }
        switch golden.method {
        case "initialize": try golden.expectRoundTrip(Response<InitializeResult>.self)
        case "host/probe": try golden.expectRoundTrip(Response<HostProbeResult>.self)
        case "rootfs/create": try golden.expectRoundTrip(Response<RootfsResult>.self)
        case "machine/start": try golden.expectRoundTrip(Response<MachineStarted>.self)
        case "snapshot/create": try golden.expectRoundTrip(Response<SnapshotResult>.self)
        case "process/start": try golden.expectRoundTrip(Response<ProcessStarted>.self)
        default: try golden.expectRoundTrip(Response<EmptyResult>.self)
        }
    }

    @Test(arguments: Golden.read("notifications"))
    func notificationsSurviveARoundTrip(_ golden: Golden) throws {
        try golden.expectRoundTrip(HelperNotification.self)
    }

    @Test(arguments: Golden.read("errors"))
    func errorsSurviveARoundTrip(_ golden: Golden) throws {
        try golden.expectRoundTrip(Response<EmptyResult>.self)
        let response = try JSONCoding.decode(Response<EmptyResult>.self, from: golden.body)
        guard case .failure(let failure) = response.outcome, let kind = failure.error.data?.kind else { return }
        #expect(failure.error.code == kind.code)
    }

    @Test(arguments: zip(Golden.read("data-socket").suffix(5), guestStreams))
    func headersOfTheGuestsStreamsAreWrittenAsAgreed(_ golden: Golden, _ header: GuestStreamHeader) throws {
        #expect(try JSONCoding.decode(JSONValue.self, from: header.line) == golden.message)
        #expect(header.line.count <= StreamHeader.maximumBytes && header.line.last == UInt8(ascii: "\n"))
    }

    static let guestStreams: [GuestStreamHeader] = [
        .proxy, .dns, .direct(address: "198.18.0.7", port: 5432), .sshAgent, .port(stream: 7),
    ]

    @Test(arguments: Golden.read("data-socket").dropLast(5))
    func streamHeadersSurviveARoundTrip(_ golden: Golden) throws {
        try golden.expectRoundTrip(StreamHeader.self)
        let header = try JSONCoding.decode(StreamHeader.self, from: golden.body)
        #expect(try JSONCoding.decode(StreamHeader.self, from: header.line) == header)
        #expect(header.line.count <= StreamHeader.maximumBytes && header.line.last == UInt8(ascii: "\n"))
    }

    @Test(arguments: Golden.read("invalid"))
    func wrongParametersAreNamed(_ golden: Golden) throws {
        let request = try JSONCoding.request(from: golden.body).get()
        #expect(request.id != nil)
        guard case .failure(let failure) = request.call else {
            Issue.record("was accepted")
            return
        }
        #expect(failure.error.code == -32013)
        #expect(failure.error.data?.kind == .invalid)
        #expect(failure.error.data?.field == golden.field)
        #expect(failure.error.message.contains("`\(golden.field ?? "")`"))
    }
}
