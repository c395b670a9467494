extension PartyClient {
    /// The party session this profile last created or joined and has not left.
    public func currentParty() throws(PartyError) -> PartyID? {
        try enteredParties().last
    }

    /// How many party sessions are remembered; one is in few at a time.
    private static let memory = 16

    func remember(_ id: PartyID) throws(PartyError) {
        let others = try enteredParties().filter { $0 != id }
        try save(others.suffix(Self.memory - 1) + [id])
    }

    func forget(_ id: PartyID) throws(PartyError) {
        let entered = try enteredParties()
        guard entered.contains(id) else { return }
        try save(entered.filter { $0 != id })
    }

    /// Those created or joined and not left, the latest last.
    private func enteredParties() throws(PartyError) -> [PartyID] {
        guard let bytes = try environment.files.load(.current) else { return [] }
        guard let list = try? JSONDocument(bytes).root["parties"] else {
            throw PartyError(
                .storage, "\(StoreItem.current.name) of the profile cannot be read", step: "state",
                hint: "move that file away")
        }
        return list.elements.compactMap { $0.string.map { PartyID($0) } }
    }

    private func save(_ entered: [PartyID]) throws(PartyError) {
        guard environment.rehearse == nil else { return }
        let bytes = JSONWriter.text { json in
            json.object { json in json.array("parties", entered) { json, id in json.string(id.text) } }
        }
        try environment.files.save(.current, bytes + [0x0A])
    }
}
