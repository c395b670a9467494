import PartyCore

/// The output for one party.
struct PartyReport: Report {
    enum Form: Sendable {
        /// No output: only the effect of the command matters.
        case nothing
        /// Only the id, for scripts.
        case id
        /// A readable card.
        case card
    }

    let party: PartySession
    let me: AccountID
    /// The current party of the profile.
    let current: PartyID?
    let form: Form
    var failure: PartyError?
    var effect: String?

    func text(_ style: Style) -> String {
        switch form {
        case .nothing: ""
        case .id: party.id.text.displayed + "\n"
        case .card: style.isTerminal ? card(style) : lines(style)
        }
    }

    private func facts(_ style: Style) -> [(name: String, value: String)] {
        [
            ("id", party.id.text),
            ("name", party.name ?? ""),
            ("visibility", party.visibility?.word ?? ""),
            ("members", party.occupancy),
            ("owner", party.owner?.displayName ?? ""),
            ("created", party.createdAt.map(style.time) ?? ""),
        ]
    }

    private func card(_ style: Style) -> String {
        let title = party.name.flatMap { $0.isEmpty ? nil : $0.displayed } ?? "Party without a name"
        let rows = facts(style).filter { $0.name != "name" && !$0.value.isEmpty }.map { fact in
            style.mark(fact.name + String(repeating: " ", count: 12 - fact.name.count), .faint) + fact.value.displayed
        }
        let roster = Table(
            header: ["MEMBER", "PLATFORM", "JOINED", "VOICE", ""],
            rows: party.members.map { member in
                [
                    member.displayName, member.platform?.rawValue ?? "", member.joinedAt.map(style.time) ?? "",
                    member.voice.map { $0 ? "on" : "off" } ?? "", member.accountID == me ? "you" : "",
                ]
            })
        return ([style.mark(title, .strong)] + rows + [""]).map { $0 + "\n" }.joined() + roster.text(style)
    }

    private func lines(_ style: Style) -> String {
        let facts = facts(style).map { [$0.name, $0.value] }
        let members = party.members.map { ["member", $0.displayName, $0.platform?.rawValue ?? ""] }
        return (facts + members).map { $0.map(\.displayed).joined(separator: "\t") + "\n" }.joined()
    }

    func write(to json: inout JSONWriter) {
        json.party(party, me: me, current: current)
    }
}

/// The parties that this account can see.
struct PartyListReport: Report {
    let parties: [PartySession]
    let me: AccountID
    /// The current party of the profile.
    let current: PartyID?

    var emptyWords: String? { parties.isEmpty ? "you are in no party and can see none" : nil }

    func text(_ style: Style) -> String {
        Table(
            header: ["ID", "NAME", "OWNER", "MEMBERS", "VISIBILITY", ""],
            rows: parties.map { party in
                [
                    party.id.text, party.name ?? "", party.owner?.displayName ?? "", party.occupancy,
                    party.visibility?.word ?? "", party.id == current ? "current" : party.hasMember(me) ? "joined" : "",
                ]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(parties) { json, party in json.party(party, me: me, current: current) }
    }
}

extension PartySession {
    var occupancy: String {
        "\(members.count)/\(maxMembers.map(String.init) ?? "?")"
    }
}

extension JSONWriter {
    mutating func party(_ party: PartySession, me: AccountID, current: PartyID?) {
        object { json in
            json.field("id", party.id.text)
            json.field("name", party.name)
            json.field("visibility", party.visibility?.word)
            json.field("maxMembers", party.maxMembers)
            json.field("joinable", party.joinable)
            json.field("joined", party.hasMember(me))
            json.field("current", party.id == current)
            json.field("createdAt", party.createdAt)
            json.key("owner")
            json.member(party.owner, me: me)
            json.array("members", party.members) { json, member in json.member(member, me: me) }
        }
    }

    mutating func member(_ member: Member?, me: AccountID?) {
        guard let member else { return null() }
        object { json in
            json.field("accountId", member.accountID)
            json.field("onlineId", member.onlineID)
            json.field("platform", member.platform?.rawValue)
            json.field("joinOrder", member.joinOrder)
            json.field("joinedAt", member.joinedAt)
            json.field("voice", member.voice)
            json.field("me", me.map { $0 == member.accountID })
        }
    }
}
