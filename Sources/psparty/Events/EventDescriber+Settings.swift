import PartyCore

extension EventDescriber {
    func settings(
        _ event: PartyEvent, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> EventSentence {
        var changes = event.changes.compactMap { change in self.change(change, origin, known) }
        guard !changes.isEmpty else { return EventSentence("something about the party changed", .faint, .detail) }
        guard changes.contains(where: \.isNews) else { return EventSentence(settingWords(event), .faint, .detail) }
        changes.removeAll { !$0.isNews }
        let clauses = changes.enumerated().map { index, change in
            change.isAboutParty ? (index == 0 ? "the party " : "it ") + change.text : change.text
        }
        let from = event.from.map { " (by \(name($0)))" } ?? ""
        return EventSentence(clauses.joined(separator: "; ") + from + origin.note, .changed)
    }

    private struct Clause {
        /// Without its subject if that is the party.
        let text: String
        var isAboutParty = true
        let isNews: Bool
    }

    /// A change as a clause. A value that a look-up found is news only if another value was known before.
    private func change(
        _ change: PartyEvent.Change, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> Clause? {
        func clause<Value: Equatable>(_ before: Value?, _ value: Value, _ text: (_ now: String) -> String) -> Clause {
            let isNews = origin == .frame || (before != nil && before != value)
            return Clause(text: text(isNews ? "now " : ""), isNews: isNews)
        }
        switch change {
        case .name(let name):
            return clause(known?.name, name) { name.isEmpty ? "\($0)has no name" : "is \($0)called \"\(name)\"" }
        case .visibility(let visibility):
            return clause(known?.visibility, visibility) { "is \($0)visible to \(Self.people(visibility.word))" }
        case .joinableBy(let type):
            return clause(known?.joinableBy, type) { "is \($0)open to \(Self.people(type.word))" }
        case .maxMembers(let number):
            return clause(known?.maxMembers, number) { "\($0)has room for \(number)" }
        case .owner(let owner):
            let verb = owner.accountID == me ? "are" : "is"
            var clause = clause(known?.owner?.accountID, owner.accountID) { "\(name(owner)) \(verb) \($0)the owner" }
            clause.isAboutParty = false
            return clause
        case .voice, .customData: return nil
        }
    }

    private static func people(_ word: String) -> String {
        word == "invite-only" ? "invited people only" : word
    }

    /// The settings of a party that a look-up found.
    func settingWords(_ event: PartyEvent) -> String {
        let isUnnamed = event.changes.contains(.name(""))
        let name = event.partyName.map { "party \"\($0)\"" } ?? (isUnnamed ? "party without a name" : "the party")
        let settings = event.changes.compactMap(settingWord)
        return settings.isEmpty ? name : "\(name): \(settings.joined(separator: ", "))"
    }

    private func settingWord(_ change: PartyEvent.Change) -> String? {
        switch change {
        case .visibility(let visibility): visibility.word
        case .maxMembers(let number): "room for \(number)"
        case .owner(let owner): "owner \(name(owner))"
        case .name, .joinableBy, .voice, .customData: nil
        }
    }
}
