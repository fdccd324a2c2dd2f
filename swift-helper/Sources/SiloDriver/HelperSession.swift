import SiloProtocol

/// One conversation with the CLI: takes requests in their order, lets the driver do the work, sends answers.
///
/// `receive` never waits, so requests may be pipelined: a process/start waits for the machine in a task of its own.
public actor HelperSession {
    /// What is to happen after a message.
    public enum Outcome: Sendable, Equatable { case goOn, exit }

    let driver: any MachineDriver
    let outbox: Outbox
    private let version: String
    private var isInitialized = false
    private var isClosed = false
    var machine: MachineState = .none
    var processes: [UInt32: ProcessEntry] = [:]

    /// `send` gets the bodies of messages, one call at a time.
    public init(driver: any MachineDriver, version: String, send: @escaping @Sendable ([UInt8]) -> Void) {
        self.driver = driver
        self.version = version
        outbox = Outbox(send: send)
    }

    /// Takes one message's body.
    public func receive(_ body: [UInt8]) -> Outcome {
        guard !isClosed else { return .exit }
        switch JSONCoding.request(from: body) {
        case .failure(let failure):
            outbox.fail(nil, failure.error)
            return .goOn
        case .success(let request):
            guard let id = request.id else { return .goOn }
            do {
                try checkOrder(request)
                return try handle(try request.call.get(), id)
            } catch let error as RequestFailure {
                outbox.fail(id, error.error)
            } catch {
                outbox.fail(id, error)
            }
            return .goOn
        }
    }

    /// The CLI went away or wants no more: ends the VM and waits until it is gone.
    public func close() async {
        isClosed = true
        await stopMachine()
    }

    private func checkOrder(_ request: Request) throws {
        if request.method == "initialize" {
            guard !isInitialized else { throw HelperError(.order, "`initialize` came twice") }
        } else if !isInitialized {
            throw HelperError(.order, "`\(request.method)` came before `initialize`")
        }
    }

    private func handle(_ call: Call, _ id: RequestID) throws -> Outcome {
        switch call {
        case .initialize(let parameters): return initialize(parameters, id)
        case .hostProbe(let parameters): answer(id) { [driver] in try await driver.probe(parameters) }
        case .rootfsCreate(let parameters):
            answer(id) { [driver, outbox] in
                try await driver.createRootfs(parameters) { outbox.notify(.progress($0)) }
            }
        case .snapshotCreate(let spec): answer(id) { [driver] in try await driver.createSnapshot(spec) }
        case .machineStart(let spec): try startMachine(spec, id)
        case .machineStop:
            answer(id) { [weak self] in
                await self?.stopMachine()
                return EmptyResult()
            }
        case .processStart(let spec): try startProcess(spec, id)
        case .streamOpen(let parameters): try openPort(parameters, id)
        case .processSignal(let parameters):
            try control(parameters.process, id) { try await $0.signal(parameters.signal, scope: parameters.scope) }
        case .processResize(let parameters):
            try control(parameters.process, id) {
                try await $0.resize(rows: parameters.rows, columns: parameters.columns)
            }
        }
        return .goOn
    }

    private func initialize(_ parameters: InitializeParameters, _ id: RequestID) -> Outcome {
        guard ProtocolVersion.isCompatible(parameters.protocol) else {
            outbox.fail(id, HelperError.version(client: parameters.protocol, helper: ProtocolVersion.current))
            return .exit
        }
        isInitialized = true
        outbox.reply(
            id,
            InitializeResult(
                protocol: ProtocolVersion.current, helper: Peer(name: "silo-helper", version: version),
                platform: driver.identity.platform, architecture: .current, driver: driver.identity.name,
                capabilities: driver.identity.capabilities))
        return .goOn
    }

    /// Does the work in a task and answers with what comes of it.
    func answer<Value: Codable & Sendable>(
        _ id: RequestID, _ work: @escaping @Sendable () async throws -> Value
    ) {
        Task { [outbox] in
            do {
                outbox.reply(id, try await work())
            } catch {
                outbox.fail(id, error)
            }
        }
    }
}
