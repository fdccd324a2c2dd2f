import SiloIO
import SiloMachine
import SiloProtocol
import SiloWire

extension MachineCore {
    /// Boots, in as many attempts as the spec allows, and tells `done` once.
    func boot(_ done: @escaping (Result<MachineStarted, HelperError>) -> Void) {
        guard case .idle = state else { return done(.failure(HelperError(.machineGone, "the VM was stopped"))) }
        booted = done
        tryOnce()
    }

    private func tryOnce() {
        let restored = snapshotToTry()
        if restored == nil { attempts += 1 }
        let allowed = setup.spec.boot.attempts
        events.progress(Progress(task: "machine/start", phase: "boot", done: max(0, attempts - 1), total: allowed))
        let before = Reactor.now()
        do {
            var launch = setup.launch
            if let restored { launch.kind = .clone(restored) }
            let instance = try QEMUInstance(launch, reactor: reactor)
            timings.append(.init(phase: "spawn", milliseconds: Int((Reactor.now() - before) / 1_000_000)))
            let spec = setup.spec
            let attempt = BootAttempt(
                instance, isRestored: restored != nil, reactor: reactor,
                timeoutMs: restored == nil ? boundMs : Self.restoreBoundMs,
                configuration: { Configuration(spec, shares: QEMUArguments.shares(spec)) },
                onOutcome: { [weak self] in self?.finished($0) })
            state = .booting(attempt)
        } catch {
            if restored != nil {
                events.log(.debug, "the snapshot could not be used: \(error)")
                return tryOnce()
            }
            giveUp((error as? HelperError) ?? HelperError(.noHypervisor, "cannot start QEMU: \(error)"))
        }
    }

    /// The current attempt's bound: twice that of the one before, since a host under load needs time more than tries.
    /// KVM boots in a second or not at all, and there is still emulation to fall back to.
    private var boundMs: Int {
        let bound = setup.spec.boot.timeoutMs << min(attempts - 1, 6)
        return canEmulateInstead ? min(bound, Self.kvmBoundMs) : bound
    }

    private static let kvmBoundMs = 15_000

    private func finished(_ outcome: BootAttempt.Outcome) {
        guard case .booting(let attempt) = state else { return }
        if attempt.isRestored, let why = outcome.failure { return coldInstead(attempt, outcome, why) }
        switch outcome {
        case .up(let kernel, let agent): succeed(attempt, kernel: kernel, agent: agent)
        case .stuck(let why): afterKill(attempt) { core in core.retry(attempt, why: why, isTimeout: true) }
        case .exited(let exit): exitedEarly(attempt, exit)
        case .refused(let error): afterKill(attempt) { core in core.giveUp(error) }
        }
    }

    private func succeed(_ attempt: BootAttempt, kernel: String, agent: String) {
        timings.append(
            .init(phase: attempt.isRestored ? MachineStarted.restorePhase : "boot", milliseconds: attempt.bootMs))
        timings.append(.init(phase: "configure", milliseconds: attempt.configureMs))
        run(attempt.instance)
        booted?(
            .success(
                MachineStarted(
                    accelerator: setup.accelerator, attempts: max(1, attempts), kernel: kernel, agent: agent,
                    timings: timings))
        )
        booted = nil
    }

    /// The machine out of the snapshot is of no use: that costs time, and no more.
    private func coldInstead(_ attempt: BootAttempt, _ outcome: BootAttempt.Outcome, _ why: String) {
        timings.append(.init(phase: "failed restore", milliseconds: attempt.ageMs))
        events.log(.debug, "the snapshot could not be used: \(why)")
        if Self.isSnapshotsFault(outcome, attempt.instance), let key = SnapshotKey(setup.launch) {
            setup.snapshots?.discard(key)
        }
        afterKill(attempt) { core in core.tryOnce() }
    }

    /// Whether a snapshot that did not come up would do so again. A QEMU that somebody killed says nothing about it, nor
    /// does a guest that cannot be configured as asked.
    private static func isSnapshotsFault(_ outcome: BootAttempt.Outcome, _ instance: QEMUInstance) -> Bool {
        switch outcome {
        case .exited(let exit): explain(exit, instance).0 != .killed
        case .stuck: true
        case .up, .refused: false
        }
    }

    /// The snapshot that this machine may start from: tried once.
    private func snapshotToTry() -> Snapshot? {
        guard !hasTriedSnapshot, let store = setup.snapshots, let key = SnapshotKey(setup.launch) else { return nil }
        hasTriedSnapshot = true
        return store.find(key)
    }

    /// Restoring takes a fraction of a second; fifty at once on two cores take a while.
    private static let restoreBoundMs = 45_000

    /// QEMU did not live until the guest was up.
    private func exitedEarly(_ attempt: BootAttempt, _ exit: HostExit) {
        let (reason, message) = Self.explain(exit, attempt.instance)
        if reason != .crashed || exit == .code(0) {
            return retry(attempt, why: message, isTimeout: false)
        }
        if canEmulateInstead || isSmall {
            return retry(attempt, why: message, isTimeout: true)
        }
        // It refused its command line or its files: it would do so again.
        giveUp(
            HelperError(
                .noHypervisor, "cannot start the VM: \(message)", hint: "run `silo doctor`",
                console: attempt.instance.console.tail))
    }

    /// Whether software emulation may be tried instead.
    private var canEmulateInstead: Bool { setup.accelerator == .kvm && setup.spec.linux?.accelerator == .auto }

    /// Whether another board may be tried instead: this QEMU may not have it, or the guest's kernel not like it.
    private var isSmall: Bool {
        if case .microvm = setup.board { true } else { false }
    }

    private func retry(_ attempt: BootAttempt, why: String, isTimeout: Bool) {
        if isTimeout { choosePlainer(why) }
        guard attempts < setup.spec.boot.attempts else {
            return giveUp(
                HelperError(
                    .bootTimeout,
                    "the VM did not come up in \(attempts) attempt\(attempts == 1 ? "" : "s"): \(why)",
                    hint: "run `silo doctor`", console: attempt.instance.console.tail))
        }
        events.log(.warn, "boot attempt \(attempts) of \(setup.spec.boot.attempts) failed: \(why)")
        timings.append(.init(phase: "failed attempt", milliseconds: attempt.ageMs))
        tryOnce()
    }

    /// What did not come up is not tried again until this host boots.
    private func choosePlainer(_ why: String) {
        if canEmulateInstead {
            setup.probe.distrustKVM("a VM did not come up with it: \(why)")
            setup.accelerator = .tcg
            events.log(.warn, "\(why) with KVM: trying software emulation, also for later runs until this host boots")
        } else if isSmall {
            Board.distrustMicrovm("a VM did not come up with it: \(why)", setup.probe.memory)
            setup.board = .q35
            events.log(.warn, "\(why) on QEMU's microvm: trying its q35, also for later runs until this host boots")
        }
    }

    /// Ends the attempt's QEMU and goes on when it is gone.
    private func afterKill(_ attempt: BootAttempt, _ next: @escaping (MachineCore) -> Void) {
        guard attempt.instance.exit == nil else { return next(self) }
        attempt.instance.onExit = { [weak self] _ in
            guard let self, case .booting = state else { return }
            next(self)
        }
        attempt.instance.kill()
    }

    private func giveUp(_ error: HelperError) {
        let done = booted
        booted = nil
        end()
        done?(.failure(error))
    }
}
