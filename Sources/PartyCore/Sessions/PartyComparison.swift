/// Asks the service what changed in the parties while the stream was interrupted, and renews a membership that was lost with
/// the connection (docs/protocol.md, 7.5).
struct PartyComparison: Sendable {
    /// The result.
    struct Outcome: Sendable {
        var snapshot: StreamSnapshot
        /// The party sessions that were joined again, with their new contexts.
        var rejoined: [PartyID: ContextID] = [:]
        /// Why not all could be looked up.
        var failure: PartyError?
    }

    let client: PartyClient
    /// The state from the stream so far.
    let known: PartyState
    /// Whether there is a new connection, so that the service may have dropped the account.
    let mayHaveLostMembership: Bool
    /// Whether the pending invitations are compared too.
    var asksForInvitations = true

    /// The time limit of a comparison.
    static let timeout: Duration = .seconds(10)

    /// - Throws: if the service could not be asked at all. A response that there is no such party is no error.
    func run() async throws(PartyError) -> Outcome {
        let account = try await client.accessToken().accountID
        var outcome = Outcome(snapshot: StreamSnapshot(account: account))
        do throws(PartyError) {
            let listed = try await listedParties()
            for id in parties(with: account, listed) {
                outcome.snapshot.parties.append(try await entry(for: id, account, listed, &outcome))
            }
            outcome.snapshot.isWhole = true
        } catch {
            outcome.failure = error
            return outcome
        }
        if asksForInvitations { outcome.snapshot.invitations = await invitations(for: account) }
        return outcome
    }

    /// How many invitations that the list does not show are looked up by their party sessions.
    private static let mostUnlisted = 8

    /// The pending invitations; `nil` where the list is not to be had, without which the parties can be compared all the
    /// same. One that the list never showed, which was seen empty while there were some (docs/protocol.md, 4.12), is pending
    /// as long as its party can be seen and we are not in it.
    private func invitations(for account: AccountID) async -> [PendingInvitations.Entry]? {
        guard let listed = try? await client.invitations() else { return nil }
        var unlisted = known.invitations.entries.filter { entry in
            !entry.isListed && !listed.contains { $0.isSame(as: entry.invitation) }
        }
        for index in unlisted.indices.reversed().prefix(Self.mostUnlisted) {
            let party = await partyBehind(unlisted[index].invitation)
            // An invitation that cannot be looked up now stays as it is.
            guard case .success(let shown) = party else { continue }
            if shown?.hasMember(account) != false { unlisted.remove(at: index) }
        }
        return unlisted + listed.map { PendingInvitations.Entry($0, isListed: true) }
    }

    /// The list of visible parties; empty where the service refuses it. The known parties can still be looked up then.
    private func listedParties() async throws(PartyError) -> [PartySession] {
        do throws(PartyError) { return try await client.parties(including: nil) } catch {
            guard error.isVerdict || error.kind == .protocolViolation else { throw error }
            return []
        }
    }

    /// Those this profile has entered, those the stream told of, and those that another device of ours is in: nothing else
    /// tells of what it joined while the stream was away.
    private func parties(with account: AccountID, _ listed: [PartySession]) -> [PartyID] {
        var ids = client.partiesEntered()
        ids += known.parties.keys.sorted { $0.text < $1.text }.filter { !ids.contains($0) }
        return ids + listed.filter { $0.hasMember(account) }.map(\.id).filter { !ids.contains($0) }
    }

    private func partyBehind(_ invitation: Invitation) async -> Result<PartySession?, PartyError> {
        do throws(PartyError) { return .success(try await client.partyIfShown(invitation.partyID)) } catch {
            return .failure(error)
        }
    }

    private func entry(
        for id: PartyID, _ account: AccountID, _ listed: [PartySession], _ outcome: inout Outcome
    ) async throws(PartyError) -> StreamSnapshot.Entry {
        // One request for all parties instead of one for each, as far as the list tells all that a comparison needs.
        let party: PartySession?
        if let item = listed.first(where: { $0.id == id }), item.tellsAll(of: account) {
            party = item
        } else {
            party = try await client.partyIfShown(id)
        }
        guard mayHaveLostMembership, let own = known.parties[id]?.ownMember(of: account),
            client.keepsNoFiles || client.partiesEntered().contains(id), party?.member(named: own) == nil
        else { return StreamSnapshot.Entry(id: id, party: party) }
        return try await rejoin(id, as: own, shown: party, &outcome)
    }

    private func rejoin(
        _ id: PartyID, as own: Member, shown: PartySession?, _ outcome: inout Outcome
    ) async throws(PartyError) -> StreamSnapshot.Entry {
        do throws(PartyError) {
            outcome.rejoined[id] = try await client.rejoin(id, voice: own.voice ?? false)
        } catch {
            guard error.isVerdict else { throw error }
            if shown == nil, error.kind != .forbidden { await client.forget(id) }
            guard shown == nil, error.kind == .forbidden else { return StreamSnapshot.Entry(id: id, party: shown) }
            return StreamSnapshot.Entry(id: id, party: known.parties[id]?.without(own))
        }
        // The service may take a moment to show the result; until then the known roster is kept.
        let party = try await client.partyIfShown(id)
        return StreamSnapshot.Entry(id: id, party: party ?? known.parties[id])
    }
}

extension PartySession {
    /// The device that we are in with: a phone's, as far as the service is concerned (docs/protocol.md, 4.0). A console of
    /// the same account joins and leaves by itself.
    fileprivate func ownMember(of account: AccountID) -> Member? {
        let own = members.filter { $0.accountID == account }
        return own.first { $0.platform == .mobileApp } ?? (own.count == 1 ? own.first { $0.platform == nil } : nil)
    }

    /// Whether an item of the list can take the place of a look-up. It is known of few fields that the list has them
    /// (docs/protocol.md, 4.4), and a party that does not show us as a member is looked up in any case.
    fileprivate func tellsAll(of account: AccountID) -> Bool {
        name != nil && visibility != nil && joinableBy != nil && maxMembers != nil && owner != nil && hasMember(account)
            && members.allSatisfy {
                $0.onlineID != nil && $0.platform != nil && $0.joinOrder != nil && $0.joinedAt != nil && $0.voice != nil
            }
    }

    fileprivate func without(_ member: Member) -> PartySession {
        var party = self
        party.members.removeAll { $0.key == member.key }
        return party
    }
}

extension PartyError {
    /// Whether the service responded, and will respond the same next time.
    fileprivate var isVerdict: Bool {
        switch kind {
        case .notFound, .forbidden, .refused, .conflict: true
        default: false
        }
    }
}

extension PartyClient {
    /// Whether a given token is used, and with it no file of the profile.
    var keepsNoFiles: Bool { environment.settings.accessToken != nil }

    /// The parties that this profile has entered and not left; none if that is unknown.
    func partiesEntered() -> [PartyID] {
        keepsNoFiles ? [] : (try? enteredParties()) ?? []
    }

    /// The party session; `nil` if the service shows none with that id.
    fileprivate func partyIfShown(_ id: PartyID) async throws(PartyError) -> PartySession? {
        do throws(PartyError) {
            return try await party(id)
        } catch {
            guard error.kind == .notFound || error.kind == .forbidden else { throw error }
            return nil
        }
    }
}
