/// Names and presence for lists of accounts. Those that cannot be looked up are left out.
extension PartyClient {
    private static let batch = 100
    /// After this many refusals of one kind in a row the rest is not requested.
    private static let mostFailures = 2

    func described(_ accounts: [AccountID], needsPresence: Bool) async throws(PartyError) -> [Friend] {
        let names = try await collected("names", of: accounts) { (batch) async throws(PartyError) in
            try await self.names(of: batch)
        }
        let presences = try await collected("presence", of: accounts, isRequired: needsPresence) {
            (batch) async throws(PartyError) in
            let response = try await rest.send(endpoints.presences(of: batch), step: "presence")
            return try read(response, step: "presence", UserPayload.presences)
        }
        return accounts.map { account in
            Friend(
                accountID: account, onlineID: names[account], availability: presences[account]?.availability,
                platform: presences[account]?.platform)
        }
    }

    /// Looks the accounts up in batches. A batch that fails leaves a gap, which is reported once.
    private func collected<Value: Sendable>(
        _ what: String, of accounts: [AccountID], isRequired: Bool = false,
        _ ask: ([AccountID]) async throws(PartyError) -> [AccountID: Value]
    ) async throws(PartyError) -> [AccountID: Value] {
        var found: [AccountID: Value] = [:]
        var failures = 0
        var firstFailure: PartyError?
        for start in stride(from: 0, to: accounts.count, by: Self.batch) where failures < Self.mostFailures {
            let batch = Array(accounts[start..<min(start + Self.batch, accounts.count)])
            do throws(PartyError) {
                found.merge(try await ask(batch)) { first, _ in first }
                failures = 0
            } catch {
                guard error.kind != .cancelled, !isRequired else { throw error }
                failures += 1
                firstFailure = firstFailure ?? error
            }
        }
        if let firstFailure { environment.notice("\(what) left out: \(firstFailure.message)") }
        return found
    }

    /// The names of accounts, 100 at most.
    private func names(of accounts: [AccountID]) async throws(PartyError) -> [AccountID: String] {
        let profiles = try await profiles(of: accounts)
        let asked = Set(accounts)
        var names: [AccountID: String] = [:]
        for profile in profiles {
            guard let account = profile.accountID, asked.contains(account) else { continue }
            names[account] = profile.onlineID
        }
        guard names.isEmpty, profiles.allSatisfy({ $0.accountID == nil }) else { return names }
        guard try await isInOrder(profiles, of: accounts) else {
            if !profiles.isEmpty { environment.notice("names left out: the service does not say whose they are") }
            return [:]
        }
        for (account, profile) in zip(accounts, profiles) { names[account] = profile.onlineID }
        return names
    }

    /// Whether profiles without account ids are in the order of the request: equally many, the same in a
    /// second look-up, and the first and last not contradicted by look-ups of one account each (docs/protocol.md, 9). A name on
    /// the wrong account is worse than none.
    private func isInOrder(
        _ profiles: [UserPayload.Profile], of accounts: [AccountID]
    ) async throws(PartyError) -> Bool {
        guard !profiles.isEmpty, profiles.count == accounts.count, try await self.profiles(of: accounts) == profiles
        else { return false }
        for index in Set([0, accounts.count - 1]) {
            let name: String?
            do throws(PartyError) { name = try await onlineID(of: accounts[index]) } catch {
                guard error.kind != .cancelled else { throw error }
                continue
            }
            if name != profiles[index].onlineID { return false }
        }
        return true
    }

    private func profiles(of accounts: [AccountID]) async throws(PartyError) -> [UserPayload.Profile] {
        let response = try await rest.send(endpoints.profiles(of: accounts), step: "names")
        return try read(response, step: "names", UserPayload.profiles)
    }

    func onlineID(of account: AccountID) async throws(PartyError) -> String? {
        let response = try await rest.send(endpoints.profile(of: account), step: "profile")
        return try read(response, step: "profile", UserPayload.onlineID)
    }
}
