/// Finds out what works of a profile's sign-in and of the service, without changing more than a command would. Each request is sent
/// once: a failure that a command would retry is reported.
package struct Diagnosis: Sendable {
    private let environment: PartyEnvironment
    private let authenticator: Authenticator
    private let rest: RESTClient
    private let connector: PushConnector

    package init(_ environment: PartyEnvironment) {
        self.environment = environment
        authenticator = Authenticator(environment)
        rest = RESTClient(environment, tries: 1)
        connector = PushConnector(environment, maximumFrame: 1 << 20, tries: 1)
    }

    // MARK: - The sign-in

    /// The sign-in as it is stored. With a token of the caller's own there is none.
    /// - Throws: as every command without a sign-in does.
    package func storedSignIn() throws(PartyError) -> Credentials? {
        guard environment.settings.accessToken == nil else { return nil }
        return try authenticator.credentials()
    }

    /// The token that a request would carry. A token that is due is renewed, as by every command.
    package func token() async throws(PartyError) -> SignedIn { try await authenticator.token() }

    // MARK: - The service

    /// Requests the list of visible parties with the token.
    /// - Returns: the parties that this account is in with a device of the push connection's kind.
    package func ownParties() async throws(PartyError) -> [PartyID] {
        let account = try await authenticator.token().accountID
        let response = try await rest.send(
            Endpoints(environment.settings.hosts).visibleParties(including: []), step: "list")
        let parties: [PartySession]
        do throws(CodecError) { parties = try SessionPayload.visibleParties(in: response.body) } catch {
            throw PartyError(error, step: "list")
        }
        return parties.filter { party in
            party.members.contains { $0.accountID == account && ($0.platform ?? .mobileApp) == .mobileApp }
        }.map(\.id)
    }

    /// Asks for the address of the push socket. Advice to come back later is kept, as by `PushSession`.
    package func pushAddress() async throws(PartyError) -> PushAddress {
        do throws(PartyError) { return try await connector.address(.idle) } catch {
            remember(error.advice)
            throw error
        }
    }

    /// Opens the push connection and closes it again, while no other process of the profile can open one.
    /// - Returns: `nil` if another process holds it now.
    package func tryPush(at address: PushAddress) async throws(PartyError) -> PushTrial.Outcome? {
        // On a disk that takes no lock each process has a connection of its own.
        guard let account = try? authenticator.account(),
            let hold = (try? environment.share.hold(for: account)) ?? (canShare(account) ? nil : Unshared().hold())
        else { return nil }
        let result = await opened(address)
        await hold.release()
        return try result.get()
    }

    private func canShare(_ account: ServiceAccount) -> Bool {
        do throws(StoreError) {
            _ = try environment.share.join(for: account)?.close()
            return true
        } catch { return false }
    }

    private func opened(_ address: PushAddress) async -> Result<PushTrial.Outcome, PartyError> {
        do throws(PartyError) {
            var signedIn = try await authenticator.token()
            let connection: PushConnection
            do throws(PartyError) {
                connection = try await connector.open(address, signedIn, isReconnection: false)
            } catch {
                // As the stream does: a refused token is renewed once.
                guard error.status == 401 else { throw error }
                signedIn = try await authenticator.token(replacing: signedIn.accessToken)
                connection = try await connector.open(address, signedIn, isReconnection: false)
            }
            let trial = PushTrial(clock: environment.clock, signedIn: signedIn, dialect: address.dialect)
            return .success(await trial.run(on: connection))
        } catch {
            remember(error.advice)
            return .failure(error)
        }
    }

    private func remember(_ advice: RetryAdvice?) {
        guard let advice else { return }
        RetryAdviceFile(environment).remember(
            advice.wait(fraction: environment.random.fraction()), at: environment.clock.now())
    }
}

// MARK: - What the processes of the profile share

extension Diagnosis {
    /// The process that holds the profile's push connection.
    package enum Holder: Sendable, Equatable {
        case none
        /// It runs. `outage` is why it has no stream at present, if it has lost it.
        case running(process: Int32?, isReady: Bool, outage: StreamGreeting.Outage?)
        /// It accepts connections and says nothing.
        case silent(process: Int32?)
    }

    /// How long a holder may take to answer.
    private static let patience: Duration = .seconds(2)

    package func holder() async -> Holder {
        guard let account = try? authenticator.account(), let line = try? environment.share.join(for: account) else {
            return .none
        }
        let first = await environment.clock.within(Self.patience, step: "connection") { () throws(PartyError) in
            for await lines in line.received { return lines.first }
            return nil
        }
        line.close()
        guard case .success(let answer) = first, let greeting = answer.flatMap({ StreamGreeting($0) }) else {
            return .silent(process: line.process)
        }
        return .running(process: line.process, isReady: greeting.isReady, outage: greeting.outage)
    }

    /// What is left of the wait that the push service asked for.
    package func retryAdvice() -> Duration? { RetryAdviceFile(environment).rest(at: environment.clock.now()) }

    /// How many requests are left, and how long until there is one more.
    /// - Returns: `nil` if requests are not counted: without a sign-in, and at a server on this machine.
    package func budget() -> (left: Int, nextFree: Duration?)? {
        guard let origin = environment.settings.hosts.served, !origin.isLoopback,
            let files = try? authenticator.files()
        else { return nil }
        let budget = RequestBudget((try? files.load(.budget)) ?? [])
        let now = environment.clock.now()
        return (budget.left(at: now), budget.nextFree(after: now))
    }

    /// The process that uses voice with this profile.
    /// - Returns: `nil` if none does; 0 if its number is not known.
    package func voiceProcess() -> Int32? {
        guard let account = try? authenticator.account(), let line = try? environment.voiceShare.join(for: account)
        else { return nil }
        defer { line.close() }
        return line.process ?? 0
    }
}
