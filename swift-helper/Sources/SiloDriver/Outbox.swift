import SiloProtocol

/// Sends messages to the CLI, from any thread.
public struct Outbox: Sendable {
    private let send: @Sendable ([UInt8]) -> Void

    init(send: @escaping @Sendable ([UInt8]) -> Void) { self.send = send }

    func reply<Value: Codable & Sendable>(_ id: RequestID, _ value: Value) {
        post(Response(id: id, outcome: .success(value)))
    }

    func fail(_ id: RequestID?, _ error: any Error) {
        let known = error as? HelperError ?? HelperError(.machineGone, "silo-helper failed: \(error)")
        fail(id, ErrorObject(known))
    }

    func fail(_ id: RequestID?, _ error: ErrorObject) {
        post(Response<EmptyResult>(id: id, outcome: .failure(RequestFailure(error))))
    }

    func notify(_ notification: HelperNotification) { post(notification) }

    private func post(_ message: some Encodable) {
        // The types hold nothing that JSON cannot: no floats, no dates, only valid strings.
        guard let body = try? JSONCoding.encode(message) else { return }
        send(body)
    }
}
