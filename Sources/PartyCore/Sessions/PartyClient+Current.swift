extension PartyClient {
    /// The party session this profile last created or joined and has not left.
    public func currentParty() throws(PartyError) -> PartyID? {
        try environment.files.field("partyId", of: .current).map { PartyID($0) }
    }

    func remember(_ id: PartyID) throws(PartyError) {
        guard environment.rehearse == nil else { return }
        try environment.files.saveField("partyId", id.text, of: .current)
    }

    func forgetCurrentParty() throws(PartyError) {
        guard environment.rehearse == nil else { return }
        try environment.files.erase(.current)
    }
}
