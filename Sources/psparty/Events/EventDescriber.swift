import PartyCore

/// Describes the events of a stream in sentences. It follows the state of the parties, because a sentence needs names and
/// earlier values that its event does not contain.
struct EventDescriber: Sendable {
    /// The state after the events so far.
    private(set) var state = PartyState()
    /// The account of the user; `nil` if a recording does not name it.
    let me: AccountID?
    private let invocation: Invocation
    /// The first party that had an event in this run.
    private var firstParty: PartyID?
    /// Whether events of more than one party came, so that each sentence names its party.
    private var hasSeveralParties = false

    init(me: AccountID?, invocation: Invocation) {
        self.me = me
        self.invocation = invocation
    }

    /// `nil` for content that is no event.
    mutating func take(_ event: StreamEvent) -> EventSentence? {
        switch event.content {
        case .party(let party): take(party, event.origin)
        case .lifecycle(let lifecycle): EventSentence(lifecycle)
        case .unknownFrame, .duplicate: nil
        }
    }

    mutating func take(_ event: PartyEvent, _ origin: StreamEvent.Origin) -> EventSentence {
        let known = event.partyID.flatMap { state.parties[$0] }
        state.apply(event)
        return labelled(sentence(for: event, origin, known), event, known)
    }

    /// Takes the result of a look-up, and describes what differs from the state before.
    mutating func adopt(_ party: PartySession?, as id: PartyID) -> [EventSentence] {
        let known = state.parties[id]
        return state.adopt(party, as: id, me: me).map { labelled(sentence(for: $0, .frame, known), $0, known) }
    }

    private mutating func labelled(
        _ sentence: EventSentence, _ event: PartyEvent, _ known: PartySession?
    ) -> EventSentence {
        // The sentence of an invitation or of a visible party names its party itself.
        guard let id = event.partyID, event.invitation == nil, !event.kind.isOfVisibleParties else { return sentence }
        let first = firstParty ?? id
        firstParty = first
        hasSeveralParties = hasSeveralParties || id != first
        var sentence = sentence
        if hasSeveralParties { sentence.party = label(id, known) }
        return sentence
    }

    /// The name of the party, else the start of its id; both if another party has the same name.
    private func label(_ id: PartyID, _ known: PartySession?) -> String {
        guard let name = (state.parties[id] ?? known)?.name, !name.isEmpty else { return id.short }
        let isUnique = !state.parties.values.contains { $0.id != id && $0.name == name }
        return isUnique ? name : "\(name) \(id.short)"
    }

    /// The command that accepts an invitation to this party.
    private func acceptance(of party: PartyID) -> String {
        invocation.command("join \(party.text.displayed.shellWord)")
    }
}

// MARK: - Sentences

extension EventDescriber {
    /// The only place that knows all types of party events.
    /// - Parameter known: the party before the event.
    private func sentence(
        for event: PartyEvent, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> EventSentence {
        switch event.kind {
        case .partyCreated: beginning(event, origin)
        case .partyUpdated: settings(event, origin, known)
        case .partyDeleted: end(event, origin, known)
        case .memberJoined: arrival(event, origin, known)
        case .memberLeft: departure(event, origin, known)
        case .memberUpdated: memberChange(event, origin, known)
        case .ownerChanged: ownerChange(event, origin)
        case .invitationReceived: invitation(event)
        case .invitationRemoved: withdrawal(event)
        case .partyVisible, .partyHidden: visibility(event)
        case .voiceSignal: signal(event)
        case .voiceBridge: bridge(event)
        case .messageReceived: EventSentence("\(name(event.from)) sent a message of another kind", .faint, .detail)
        case .other:
            EventSentence("an event of another kind: \(event.dataType?.rawValue ?? "unknown")", .faint, .detail)
        }
    }

    private func beginning(_ event: PartyEvent, _ origin: StreamEvent.Origin) -> EventSentence {
        guard origin == .frame else { return EventSentence(settingWords(event), .good) }
        return EventSentence(event.from.map { "\(name($0)) started a party" } ?? "a party began", .good)
    }

    private func end(
        _ event: PartyEvent, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> EventSentence {
        // A party that we were not in, like one that we were only invited to, is not "the party".
        let name = known == nil ? event.partyID.map { "the party \($0.short)" } : nil
        return EventSentence((name ?? "the party") + " ended" + origin.note, .gone)
    }

    private func arrival(
        _ event: PartyEvent, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> EventSentence {
        let members = event.members
        let isNews = origin == .frame || !members.allSatisfy { wasThereBefore($0, origin, event.partyID, known) }
        guard isNews else {
            let voice = members.count == 1 && members[0].voice == true ? ", voice on" : ""
            return EventSentence(
                "\(names(members)) \(plural(members) ? "are" : "is") in the party\(voice)", .good, .detail)
        }
        return EventSentence("\(names(members)) joined\(device(of: members, in: known))\(origin.note)", .good)
    }

    /// Whether a member that a look-up found was known or had joined before we did, so that its arrival is no news.
    private func wasThereBefore(
        _ member: Member, _ origin: StreamEvent.Origin, _ party: PartyID?, _ known: PartySession?
    ) -> Bool {
        if origin == .snapshot || member.accountID == me { return true }
        if known?.members.contains(where: { $0.key == member.key }) == true { return true }
        guard let own = party.flatMap({ state.parties[$0] })?.members.first(where: { $0.accountID == me }) else {
            return false
        }
        if let order = member.joinOrder, let ours = own.joinOrder { return order < ours }
        if let time = member.joinedAt, let ours = own.joinedAt { return time < ours }
        return false
    }

    private func departure(
        _ event: PartyEvent, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> EventSentence {
        EventSentence("\(names(event.members)) left\(device(of: event.members, in: known))\(origin.note)", .gone)
    }

    private func memberChange(
        _ event: PartyEvent, _ origin: StreamEvent.Origin, _ known: PartySession?
    ) -> EventSentence {
        for case .voice(let isOn) in event.changes where !event.members.isEmpty {
            let owners = event.members.map { $0.accountID == me ? "your" : "\(name($0))'s" }
            let before = known?.members.first { $0.key == event.members[0].key }?.voice
            let isNews = origin == .frame || before != isOn
            return EventSentence(
                "\(list(owners)) voice is \(isOn ? "on" : "off")\(isNews ? origin.note : "")", .changed,
                isNews ? .news : .detail)
        }
        return EventSentence("something about \(names(event.members)) changed", .faint, .detail)
    }

    private func ownerChange(_ event: PartyEvent, _ origin: StreamEvent.Origin) -> EventSentence {
        for case .owner(let owner) in event.changes {
            let verb = owner.accountID == me ? "are" : "is"
            return EventSentence("\(name(owner)) \(verb) now the owner\(origin.note)", .changed)
        }
        return EventSentence("the party has another owner", .changed)
    }

    private func invitation(_ event: PartyEvent) -> EventSentence {
        let inviter = event.from?.displayName ?? "a user without a name"
        guard let id = event.partyID else { return EventSentence("\(inviter) invites you to a party", .good) }
        let party = event.partyName.map { "\"\($0)\"" } ?? "the party \(id.short)"
        var sentence = EventSentence("\(inviter) invites you to \(party)", .good)
        sentence.command = acceptance(of: id)
        return sentence
    }

    private func withdrawal(_ event: PartyEvent) -> EventSentence {
        let party = event.partyName.map { "\"\($0)\"" } ?? event.partyID.map { "the party \($0.short)" } ?? "a party"
        let inviter = event.from.map { $0.accountID == me ? "" : " from \(name($0))" } ?? ""
        return EventSentence("the invitation\(inviter) to \(party) is gone", .gone)
    }

    private func visibility(_ event: PartyEvent) -> EventSentence {
        let title = event.partyName.map { "\"\($0)\"" } ?? event.partyID?.short ?? "without an id"
        let party = event.from.map { "\($0.displayName)'s party \(title)" } ?? "the party \(title)"
        guard event.kind == .partyVisible else { return EventSentence("\(party) can no longer be seen", .gone) }
        guard !event.members.isEmpty else { return EventSentence("\(party) can be seen", .good) }
        let verb = plural(event.members) ? "are" : "is"
        return EventSentence("\(party) can be seen; \(names(event.members)) \(verb) in it", .good)
    }

    private func signal(_ event: PartyEvent) -> EventSentence {
        let words = event.signal.map { "a voice signal: \($0.words)" } ?? "an unreadable voice signal"
        return EventSentence("\(name(event.from)) sent \(words)", .faint, .detail)
    }

    private func bridge(_ event: PartyEvent) -> EventSentence {
        let what = event.dataType?.rawValue.split(separator: ":").last.map(String.init) ?? "changed"
        let from = event.from.map { " by \(name($0))" } ?? ""
        return EventSentence("the voice bridge was \(what)\(from)", .faint, .detail)
    }
}

// MARK: - Words

extension EventDescriber {
    func name(_ member: Member?) -> String {
        guard let member else { return "an unknown user" }
        return member.accountID == me ? "you" : member.displayName
    }

    private func names(_ members: [Member]) -> String {
        members.isEmpty ? "an unknown user" : list(members.map { name($0) })
    }

    private func plural(_ members: [Member]) -> Bool { members.count > 1 || members.first?.accountID == me }

    private func list(_ words: [String]) -> String {
        words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
    }

    /// Names the device if the account is in the party with another one.
    private func device(of members: [Member], in known: PartySession?) -> String {
        guard members.count == 1, let platform = members[0].platform, let known else { return "" }
        let isSecond = known.members.contains {
            $0.accountID == members[0].accountID && $0.platform != nil && $0.platform != platform
        }
        return isSecond ? " with \(platform.word)" : ""
    }
}

extension PartyEvent {
    /// The name of the party in the event; `nil` if it is missing or empty.
    var partyName: String? {
        for case .name(let name) in changes where !name.isEmpty { return name }
        return nil
    }
}

extension StreamEvent.Origin {
    /// A note on an event that the stream did not deliver in time.
    var note: String {
        switch self {
        case .frame, .snapshot: ""
        case .comparison: " (noticed late)"
        }
    }
}

extension ReceivedSignal {
    /// The signal without its session description, which contains people's addresses.
    fileprivate var words: String {
        let trust = isTrusted ? "" : " (not trusted: the sender does not match)"
        let description = signal.sdp.map { sdp in
            let lines = sdp.split(whereSeparator: \.isNewline)
            let addresses = lines.count { $0.hasPrefix("a=candidate:") }
            return ", SDP of \(lines.count) lines, \(addresses) addresses not shown"
        }
        return "\(signal.kind.rawValue) to \(signal.to.accountID) (\(signal.to.platform))\(description ?? "")\(trust)"
    }
}
