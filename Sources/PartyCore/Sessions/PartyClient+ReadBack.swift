/// A POST whose response was lost is never sent again. The state is read back to find its result.
extension PartyClient {
    /// How long the service may take to show the result.
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

    /// Whether a join with a lost response made the account a member.
    func joinedMeanwhile(_ id: PartyID) async throws(PartyError) -> Bool {
        try await look { () async throws(PartyError) in try await isMember(of: id) ? true : nil } ?? false
    }

    /// Looks several times for the result of a request whose response was lost.
    func look<Found>(
        _ find: () async throws(PartyError) -> Found?
    ) async throws(PartyError) -> Found? {
        for wait in Self.looks {
            await environment.clock.sleep(wait)
            try Task.checkNotCancelled(step: "look-up")
            // If this look-up fails too, the first error is the one to report.
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
