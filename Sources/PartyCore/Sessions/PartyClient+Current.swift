extension PartyClient {
    /// The party session this profile last created or joined and has not left.
    public func currentParty() throws(PartyError) -> PartyID? {
        try environment.files.field("partyId", of: .current).map { PartyID($0) }
    }

    /// The same, but with a token of the caller's own no file is a condition of anything.
    func currentPartyIfAny() throws(PartyError) -> PartyID? {
        guard environment.settings.accessToken == nil else { return try? currentParty() }
        return try currentParty()
    }

    /// Best effort: the service has done its part, and a full disk or a missing home must not hide it.
    func remember(_ id: PartyID) {
        guard environment.rehearse == nil else { return }
        do throws(PartyError) {
            try environment.files.saveField("partyId", id.text, of: .current)
        } catch {
            environment.notice("the party is not remembered as current: \(error.message)")
        }
    }

    /// Best effort as well: who has left has left.
    func forgetCurrentParty(if id: PartyID) {
        guard environment.rehearse == nil else { return }
        do throws(PartyError) {
            if try currentParty() == id { try environment.files.erase(.current) }
        } catch {
            environment.notice("the current party is not forgotten: \(error.message)")
        }
    }
}
