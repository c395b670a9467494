/// After a POST whose answer was lost: it is never sent again, but the state is read back to see what came of it.
extension PartyClient {
    /// How long the service may take to show what it did.
    private static let looks: [Duration] = [.zero, .seconds(1), .seconds(2)]

    /// The party session that a lost create made: ours alone, with the settings that were asked for, and not the one we
    /// were in before.
    func partyCreated(as settings: NewParty, after previous: PartyID?) async throws(PartyError) -> PartyID? {
        let account = try await authenticator.token().accountID
        return try await look { () async throws(PartyError) in
            try await parties(including: nil)
                .filter { party in
                    party.id != previous && party.owner?.accountID == account && party.hasMember(account)
                        && (party.name ?? "") == settings.name && party.maxMembers ?? 16 == Int64(settings.maxMembers)
                }
                .max { $0.joined(account) < $1.joined(account) }?.id
        }
    }

    /// Whether a lost join took us in.
    func joinedMeanwhile(_ id: PartyID) async throws(PartyError) -> Bool {
        try await look { () async throws(PartyError) in try await isMember(of: id) ? true : nil } ?? false
    }

    /// Looks a few times for what a request whose answer was lost may have come to.
    func look<Found>(
        _ find: () async throws(PartyError) -> Found?
    ) async throws(PartyError) -> Found? {
        for wait in Self.looks {
            await environment.clock.sleep(wait)
            try Task.checkNotCancelled(step: "look-up")
            // A look that fails too must not hide what failed first.
            if let found = try? await find() { return found }
        }
        return nil
    }
}

extension PartySession {
    fileprivate func joined(_ account: AccountID) -> Timestamp {
        members.first { $0.accountID == account }?.joinedAt ?? Timestamp(milliseconds: 0)
    }
}
