extension PartyClient {
    /// The party session that this profile last created or joined and has not left; `nil` if there is none.
    public func currentParty() throws(PartyError) -> PartyID? {
        try enteredParties().last
    }

    /// The same, but with a token of the caller's own no file is a condition of anything.
    package func currentPartyIfAny() throws(PartyError) -> PartyID? {
        guard environment.settings.accessToken == nil else { return try? currentParty() }
        return try currentParty()
    }

    /// How many party sessions are remembered; one is in few at a time.
    private static let memory = 16

    /// Best effort: the service has done its part, and a full disk or a missing home must not hide it.
    func remember(_ id: PartyID) async {
        await change("the party is not remembered as current") { entered in
            entered.filter { $0 != id }.suffix(Self.memory - 1) + [id]
        }
    }

    /// Best effort as well: who has left has left.
    func forget(_ id: PartyID) async {
        await change("the party is not forgotten") { entered in entered.filter { $0 != id } }
    }

    private func change(_ problem: String, _ edit: ([PartyID]) -> [PartyID]) async {
        guard environment.dryRun == nil else { return }
        do throws(PartyError) {
            try await authenticator.files().locked(.current) { () throws(PartyError) in
                let entered = try enteredParties()
                let changed = edit(entered)
                if changed != entered { try save(changed) }
            }
        } catch {
            environment.notice("\(problem): \(error.message)")
        }
    }

    /// Those created or joined and not left, the latest last.
    func enteredParties() throws(PartyError) -> [PartyID] {
        try authenticator.files().value(of: .current) { root in
            root["parties"]?.elements.compactMap { $0.text.map { PartyID($0) } }
        } ?? []
    }

    private func save(_ entered: [PartyID]) throws(PartyError) {
        let bytes = JSONWriter.text { json in
            json.object { json in json.array("parties", entered) { json, id in json.string(id.text) } }
        }
        try authenticator.files().save(.current, bytes + [0x0A])
    }
}
