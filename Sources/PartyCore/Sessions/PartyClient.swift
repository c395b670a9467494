/// What a signed-in account can do with parties, one request for each call.
///
/// Every call throws ``PartyError``. If its task is cancelled, a call ends at once with an error of kind
/// ``PartyError/Kind/cancelled``. Calls may run at the same time, also in several processes of a profile.
public struct PartyClient: Sendable {
    let environment: PartyEnvironment
    let authenticator: Authenticator
    let rest: RESTClient
    let endpoints: Endpoints

    /// A client for the profile of the environment. It opens no connection and reads no file before the first call.
    public init(_ environment: PartyEnvironment) {
        self.environment = environment
        authenticator = Authenticator(environment)
        rest = RESTClient(environment)
        endpoints = Endpoints(environment.settings.hosts, bridgeTitle: environment.settings.voice.bridgeTitle)
    }

    /// Creates a party session with this account as its owner and only member, and remembers it as current.
    /// - Returns: the id. The service may need a moment before it can be looked up (docs/protocol.md, 4.2).
    public func create(_ settings: NewParty) async throws(PartyError) -> PartyID {
        // What is remembered is no condition of a new one.
        let previous = (try? currentParty()) ?? nil
        let id: PartyID
        do throws(PartyError) {
            id = try await sendCreate(settings)
        } catch {
            guard error.mayHaveActed, let found = try await partyCreated(as: settings, after: previous) else {
                var error = error
                if error.mayHaveActed {
                    error.remedy = .listParties
                }
                throw error
            }
            id = found
        }
        await remember(id)
        return id
    }

    private func sendCreate(_ settings: NewParty) async throws(PartyError) -> PartyID {
        let request = endpoints.create(settings, context: await context())
        let response = try await rest.send(request, step: "create")
        if environment.dryRun != nil { return PartyID("PARTY") }
        let created = try read(response, step: "create", SessionPayload.sessions)
        guard let party = created.first, case .id? = PartyReference(party.id.text) else {
            var error = PartyError(.protocolViolation, "create: the answer names no party session", step: "create")
            error.mayHaveActed = true
            throw error
        }
        return party.id
    }

    /// Looks up a party session.
    /// - Throws: `PartyError` of kind `.notFound` if there is none with this id, `.forbidden` if the account may not see it.
    public func party(_ id: PartyID) async throws(PartyError) -> PartySession {
        let response = try await send(endpoints.lookUp(id), about: id, step: "look-up")
        let found = try read(response, step: "look-up", SessionPayload.sessions)
        guard let party = found.first(where: { $0.id == id }) else { throw Self.noSuchParty(id) }
        return party
    }

    /// A party session that was just created, from the service or, if it cannot be looked up yet, from the request.
    package func createdParty(_ id: PartyID, _ settings: NewParty) async throws(PartyError) -> PartySession {
        if let party = try? await party(id) { return party }
        try Task.checkNotCancelled(step: "create")
        let me = Member(accountID: try await authenticator.token().accountID, voice: settings.voice)
        return PartySession(
            id: id, name: settings.name, visibility: settings.visibility, joinableBy: settings.joinableBy,
            maxMembers: Int64(settings.maxMembers), owner: me, members: [me])
    }

    /// How many parties the service lists at most.
    package static let mostListed = Endpoints.mostListed

    /// Lists the parties that the account can see, including the current one. The service limits their number
    /// (docs/protocol.md, 4.4), so there may be more.
    public func parties() async throws(PartyError) -> [PartySession] {
        try await parties(including: try currentPartyIfAny())
    }

    /// - Parameter reserve: how many requests of the profile's budget must remain for others.
    func parties(including current: PartyID?, keeping reserve: Int = 0) async throws(PartyError) -> [PartySession] {
        var request = endpoints.visibleParties(including: current.map { [$0] } ?? [])
        request.budgetReserve = reserve
        return try read(try await rest.send(request, step: "list"), step: "list", SessionPayload.visibleParties)
    }

    /// The result of joining.
    public enum Joining: Sendable, Equatable {
        /// We joined.
        case joined
        /// We were a member before.
        case alreadyMember
    }

    /// Joins a party session, unless the account is a member already, and remembers it as current.
    /// - Parameters:
    ///   - reference: an id, a share link or the current party session.
    ///   - voice: whether the account shows as talking.
    /// - Returns: the id, and whether the account was a member before.
    /// - Throws: `PartyError` of kind `.forbidden` if the party is not open to the account, `.conflict` if it is full.
    public func join(_ reference: PartyReference, voice: Bool) async throws(PartyError) -> (PartyID, Joining) {
        guard case .link(let link) = reference else {
            let id = try await resolve(reference)
            return (id, try await join(id, by: nil, voice: voice))
        }
        let linked = try await linkedParty(link)
        guard linked.isJoinable != false, linked.joinableFrom?.contains(.mobileApp) != false else {
            throw PartyError(
                .forbidden, "the party of this link accepts no member from here", step: "join",
                hint: "ask a member for an invitation")
        }
        return (linked.id, try await join(linked.id, by: link, voice: voice))
    }

    private func join(_ id: PartyID, by link: String?, voice: Bool) async throws(PartyError) -> Joining {
        if try await isMember(of: id) {
            await remember(id)
            return .alreadyMember
        }
        let request = endpoints.join(id, by: link, context: await context(), voice: voice)
        do throws(PartyError) {
            _ = try await send(request, about: id, step: "join")
        } catch {
            guard error.mayHaveActed, try await joinedMeanwhile(id) else { throw error }
        }
        await remember(id)
        // The captured client confirms its state next. The membership stands without it, so a failure does not undo the join.
        _ = try? await rest.send(endpoints.confirmMembership(id), step: "join")
        return .joined
    }

    /// Whether the service lists this account as a member. A party session that cannot be seen may still be open.
    func isMember(of id: PartyID) async throws(PartyError) -> Bool {
        let account = try await authenticator.token().accountID
        do throws(PartyError) {
            return try await party(id).hasMember(account)
        } catch {
            switch error.kind {
            case .notFound, .forbidden, .refused, .conflict, .protocolViolation: return false
            default: throw error
            }
        }
    }

    /// The result of leaving.
    public enum Leaving: Sendable, Equatable {
        /// We left.
        case left
        /// We were no member, or the party session had ended.
        case wasNotMember
    }

    /// Leaves a party session. One that has ended, or that the account is not in, is no error.
    public func leave(_ id: PartyID) async throws(PartyError) -> Leaving {
        var outcome = Leaving.left
        do throws(PartyError) {
            _ = try await rest.send(endpoints.leave(id), step: "leave")
        } catch {
            guard error.kind == .notFound else { throw error }
            outcome = .wasNotMember
        }
        await forget(id)
        return outcome
    }

    /// The id of a party session. Only a link needs a request.
    /// - Throws: `PartyError` of kind `.notFound` if there is no such link, or no current party session.
    public func resolve(_ reference: PartyReference) async throws(PartyError) -> PartyID {
        switch reference {
        case .id(let id): return id
        case .link(let link): return try await linkedParty(link).id
        case .current:
            guard let current = try currentParty() else {
                throw PartyError(
                    .notFound, "profile \(environment.settings.profile) is in no party", step: "look-up",
                    remedy: .createParty)
            }
            return current
        }
    }

    /// The same, after a look-up: the service knows the party session, or at least does not deny it.
    package func existingParty(_ reference: PartyReference) async throws(PartyError) -> PartyID {
        let id = try await resolve(reference)
        do throws(PartyError) {
            _ = try await party(id)
        } catch {
            switch error.kind {
            case .notFound: throw Self.noSuchParty(id)
            case .signIn, .cancelled: throw error
            case .forbidden: break
            default: environment.notice("the party \(id) could not be looked up: \(error.message)")
            }
        }
        return id
    }

    private func linkedParty(_ link: String) async throws(PartyError) -> LinkedParty {
        let response: RESTResponse
        do throws(PartyError) {
            response = try await rest.sendUnsigned(endpoints.linkedParty(link), step: "link look-up")
        } catch {
            throw error.kind == .notFound ? error.explained("no party has the link \(link)") : error
        }
        return try read(response, step: "link look-up", SessionPayload.linkedParty)
    }

    /// Sends a request about a party session. If there is none, the error names it.
    func send(_ request: RESTRequest, about id: PartyID, step: String) async throws(PartyError) -> RESTResponse {
        do throws(PartyError) { return try await rest.send(request, step: step) } catch {
            throw error.kind == .notFound ? error.explained("no such party: \(id)") : error
        }
    }

    func read<Value>(
        _ response: RESTResponse, step: String, _ decode: ([UInt8]) throws(CodecError) -> Value
    ) throws(PartyError) -> Value {
        do throws(CodecError) { return try decode(response.body) } catch { throw PartyError(error, step: step) }
    }

    static func noSuchParty(_ id: PartyID) -> PartyError {
        PartyError(.notFound, "no such party: \(id)", step: "look-up", hint: "it has ended, or you cannot see it")
    }
}

extension Task where Success == Never, Failure == Never {
    static func checkNotCancelled(step: String) throws(PartyError) {
        guard !isCancelled else { throw PartyError(.cancelled, "\(step): cancelled", step: step) }
    }
}
