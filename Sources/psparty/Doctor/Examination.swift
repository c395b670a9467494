import PartyCore
import PartyLive

/// Makes the checks of `doctor`, from the settings up to the push stream. A check that fails does not stop the others, and each has
/// a deadline.
struct Examination: Sendable {
    let context: CommandContext
    private let environment: CommandEnvironment
    private let diagnosis: Diagnosis

    /// For files, libraries and other processes of this machine.
    private static let localLimit: Duration = .seconds(5)
    /// For one exchange with the service, a little more than the transport's own limit.
    private static let requestLimit: Duration = .seconds(10)
    private static let networkLimit: Duration = .seconds(15)
    /// A refresh that was begun must reach the token file: the lock of the file may take 60 s, the request 30 s.
    private static let signInLimit: Duration = .seconds(95)

    init(_ context: CommandContext, _ environment: CommandEnvironment) {
        self.context = context
        self.environment = environment
        diagnosis = Diagnosis(context.environment)
    }

    /// All lines, in the order of `DoctorCheck`.
    func findings() async -> [Finding] {
        var findings = [Finding.configuration(context.configuration)]
        findings.append(await libraries())
        // Before a command takes a lock, which removes leftovers.
        let audit = await audit()
        findings.append(files(audit))
        findings.append(await leftovers(audit))
        findings.append(await budget())
        let hosts = await hosts()
        findings += Finding.network(hosts)
        let isReached = hosts.contains { $0.stage == .answered }
        let signIn = await signIn(isReached: isReached)
        findings.append(signIn)
        findings += await stream(obstacle: obstacle(isReached: isReached, signIn))
        return findings
    }

    private func obstacle(isReached: Bool, _ signIn: Finding) -> String? {
        guard isReached else { return "the service cannot be reached" }
        return signIn.result == .failure ? "there is no sign-in to use" : nil
    }

    /// - Returns: `nil` if it took too long.
    private func limited<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws(PartyError) -> Value
    ) async -> Result<Value, PartyError>? {
        let result = await context.clock.within(limit, step: "doctor", body)
        if case .failure(let error) = result, error.kind == .timeout, error.step == "doctor" { return nil }
        return result
    }
}

// MARK: - This machine

extension Examination {
    private func libraries() async -> Finding {
        let result = await limited(Self.localLimit) { () throws(PartyError) in BuildFacts.libraries }
        guard case .success(let libraries)? = result else { return .overdue(.libraries, Self.localLimit) }
        return .libraries(libraries)
    }

    private func audit() async -> FileAudit? {
        let configuration = context.configuration
        let configFolder = ConfigFile(configuration.variables, random: environment.random)?.folder
        let result = await limited(Self.localLimit) { () throws(PartyError) in
            configuration.place.audit(configFolder: configFolder)
        }
        guard case .success(let audit)? = result else { return nil }
        return audit
    }

    private func files(_ audit: FileAudit?) -> Finding {
        guard let audit else { return .overdue(.files, Self.localLimit) }
        guard context.environment.settings.accessToken == nil else {
            return .ok(.files, "not used: PSPARTY_ACCESS_TOKEN is set")
        }
        return .files(audit)
    }

    private func leftovers(_ audit: FileAudit?) async -> Finding {
        let result = await limited(Self.localLimit) { () throws(PartyError) in
            (context.client.voiceLeftovers()?.attachments.count ?? 0, diagnosis.voiceProcess() != nil)
        }
        guard let audit, case .success(let (voice, isRunning))? = result else {
            return .overdue(.leftovers, Self.localLimit)
        }
        return .leftovers(audit.abandoned, voice: voice, isVoiceRunning: isRunning)
    }

    private func budget() async -> Finding {
        let result = await limited(Self.localLimit) { () throws(PartyError) in diagnosis.budget() }
        guard case .success(let budget)? = result else { return .overdue(.budget, Self.localLimit) }
        let isLocal = context.environment.settings.hosts.served?.isLoopback == true
        return .budget(budget, isLocal: isLocal)
    }
}

// MARK: - The network

extension Examination {
    /// One request without a token to each host of the service, all at once. They need no sign-in and are not counted.
    private func hosts() async -> [HostFacts] {
        let origins = context.environment.settings.hosts.all.compactMap { ServiceOrigin($0) }
        let distinct = origins.enumerated().filter { origins.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        let plain = plainEnvironment()
        return await withTaskGroup(of: (Int, HostFacts).self) { group in
            for (index, origin) in distinct.enumerated() {
                group.addTask { (index, await facts(of: origin, plain)) }
            }
            var found: [(Int, HostFacts)] = []
            for await facts in group { found.append(facts) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The same network without `ChainCompletion`, so that a certificate that a host leaves out shows.
    private func plainEnvironment() -> PartyEnvironment {
        var settings = context.environment.settings
        settings.fetchesIssuers = false
        return PartyEnvironment(
            settings: settings, transport: environment.transport(context.configuration),
            store: context.environment.store, clock: context.clock, random: context.environment.random,
            trace: context.environment.trace)
    }

    private func facts(of origin: ServiceOrigin, _ plain: PartyEnvironment) async -> HostFacts {
        let proxy: String?
        do throws(TransportError) {
            proxy = try LiveTransport.proxy(for: "\(origin)/", context.configuration.variables)
        } catch {
            return HostFacts(origin: origin, outcome: .failure(error), time: context.clock.now(), took: .zero)
        }
        let start = context.clock.uptime()
        let outcome = await answer(of: origin, plain)
        var facts = HostFacts(
            origin: origin, proxy: proxy, outcome: outcome, time: context.clock.now(),
            took: context.clock.uptime() - start)
        if facts.leftOut != nil, context.environment.settings.fetchesIssuers {
            facts.completed = await answer(of: origin, context.environment)
        }
        return facts
    }

    private func answer(
        of origin: ServiceOrigin, _ environment: PartyEnvironment
    ) async -> Result<RESTResponse, TransportError> {
        var request = RESTRequest(.get, "\(origin)/", timeout: Self.requestLimit)
        request.step = "doctor"
        let result = await limited(Self.networkLimit) { [request] () throws(PartyError) in
            do throws(TransportError) {
                return Result<RESTResponse, TransportError>.success(try await environment.transport.send(request))
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let outcome)? = result else {
            return .failure(TransportError(.timedOut, .exchange, "no response within \(Self.networkLimit.words)"))
        }
        return outcome
    }
}

// MARK: - The sign-in and the push stream

extension Examination {
    private func signIn(isReached: Bool) async -> Finding {
        var facts = Finding.SignInFacts(hasClient: context.environment.settings.oauthClient != nil)
        do throws(PartyError) { facts.stored = try diagnosis.storedSignIn() } catch { return .failure(.signIn, error) }
        if isReached || facts.stored == nil {
            facts.token = await limited(Self.signInLimit) { () throws(PartyError) in try await diagnosis.token() }
            if facts.token == nil { return .overdue(.signIn, Self.signInLimit) }
        }
        return .signIn(facts, at: context.clock.now())
    }

    /// The lines from `service` on.
    /// - Parameter obstacle: why the service cannot be asked.
    private func stream(obstacle: String?) async -> [Finding] {
        let advice = diagnosis.retryAdvice()
        let holder = await diagnosis.holder()
        let known = [Finding.retryAdvice(advice), .connection(holder)]
        if let obstacle {
            return [.skipped(.service, obstacle)] + known
                + [.skipped(.pushLookup, obstacle), holder == .none ? .skipped(.push, obstacle) : .push(.held(holder))]
        }
        let start = context.clock.uptime()
        let parties = await limited(Self.networkLimit) { () throws(PartyError) in try await diagnosis.ownParties() }
        let service = parties.map { Finding.service($0, took: context.clock.uptime() - start) }
        let answered = [service ?? .overdue(.service, Self.networkLimit)] + known
        guard advice == nil else {
            let reason = "the push service asked to wait"
            return answered
                + [.skipped(.pushLookup, reason), holder == .none ? .skipped(.push, reason) : .push(.held(holder))]
        }
        return answered + (await push(holder, parties ?? .success([])))
    }

    private func push(_ holder: Diagnosis.Holder, _ parties: Result<[PartyID], PartyError>) async -> [Finding] {
        let lookup = await limited(Self.networkLimit) { () throws(PartyError) in try await diagnosis.pushAddress() }
        let finding = lookup.map { Finding.pushLookup($0) } ?? .overdue(.pushLookup, Self.networkLimit)
        guard holder == .none else { return [finding, .push(.held(holder))] }
        guard case .success(let address)? = lookup else {
            return [finding, .skipped(.push, "there is no address to connect to")]
        }
        // Opening a push connection was seen to end memberships (docs/protocol.md, 7.5).
        guard case .success(let parties) = parties else {
            return [
                finding,
                .skipped(.push, "it is not known whether you are in a party, which a connection could cost you"),
            ]
        }
        guard parties.isEmpty else { return [finding, .push(.couldCost(parties))] }
        let start = context.clock.uptime()
        let trial = await limited(Self.networkLimit) { () throws(PartyError) in try await diagnosis.tryPush(at: address)
        }
        let took = context.clock.uptime() - start
        switch trial {
        case nil: return [finding, .overdue(.push, Self.networkLimit)]
        case .success(nil)?: return [finding, .push(.held(await diagnosis.holder()))]
        case .success(let outcome?)?: return [finding, .push(.tried(.success(outcome), took: took))]
        case .failure(let error)?: return [finding, .push(.tried(.failure(error), took: took))]
        }
    }
}
