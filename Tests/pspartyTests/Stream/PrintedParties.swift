import PartyCore

/// The parties according to the lines of `listen`: a second reducer, which shares only the JSON parser with the
/// product.
struct PrintedParties {
    struct Member: Equatable {
        var account: String
        var platform: String?
        var voice: Bool?
        /// Not for our own devices: their memberships may be renewed without an event.
        var joinOrder: Int64?
    }

    struct Party: Equatable {
        var name: String?
        var visibility: String?
        var joinableBy: String?
        var maxMembers: Int64?
        var owner: String?
        var members: [String: Member] = [:]
    }

    private(set) var parties: [String: Party] = [:]
    /// The accounts that invited us, by party; an invitation without a known sender is from "".
    private var inviters: [String: Set<String>] = [:]
    private var ended: Set<String> = []
    private(set) var types: [String] = []

    /// The parties that we are invited to.
    var invitations: Set<String> { Set(inviters.keys) }

    /// The parties of that account.
    func parties(with account: String) -> [String: Party] {
        parties.filter { $0.value.members.values.contains { $0.account == account } }
    }

    /// Applies one line.
    mutating func read(_ line: [UInt8]) throws {
        let json = try JSONDocument(line).root
        let type = json["type"]?.string ?? ""
        types.append(type)
        guard let id = json["partyId"]?.string else { return }
        // An event of an ended party is late, unless it comes from a look-up.
        if ended.contains(id), json["synthetic"]?.bool == false { return }
        let members = (json["members"]?.elements ?? []).map(Self.member)
        switch type {
        case "invitation.received":
            inviters[id, default: []].remove("")
            inviters[id, default: []].insert(json["from"]?["accountId"]?.string ?? "")
        case "invitation.removed": uninvite(id, json)
        case "party.deleted":
            parties[id] = nil
            inviters[id] = nil
            if json["synthetic"]?.bool == false { ended.insert(id) }
        case "party.created": parties[id] = parties[id] ?? Party()
        case "member.joined":
            for member in members { parties[id, default: Party()].put(member) }
        case "member.left":
            for member in members { parties[id]?.members[Self.key(member)] = nil }
            let wasOurs = json["members"]?.elements.contains { $0["me"]?.bool == true } ?? false
            let account = members.first?.account
            // There are no more events of a party that our last device has left.
            if wasOurs, parties[id]?.members.values.contains(where: { $0.account == account }) == false {
                parties[id] = nil
            }
        default: break
        }
        // An invitation has the name that the party had then.
        if let changes = json["changes"], !type.hasPrefix("invitation.") { change(id, changes, members) }
    }

    /// A frame withdraws all invitations to a party; a comparison names the one that is gone.
    private mutating func uninvite(_ id: String, _ json: JSONView) {
        if json["synthetic"]?.bool == true {
            inviters[id]?.remove(json["from"]?["accountId"]?.string ?? "")
            if inviters[id]?.isEmpty == true { inviters[id] = nil }
        } else {
            inviters[id] = nil
        }
    }

    private mutating func change(_ id: String, _ changes: JSONView, _ members: [Member]) {
        guard var party = parties[id] else { return }
        party.name = changes["name"]?.string ?? party.name
        party.visibility = changes["visibility"]?.string ?? party.visibility
        party.joinableBy = changes["joinableBy"]?.string ?? party.joinableBy
        party.maxMembers = changes["maxMembers"]?.integer ?? party.maxMembers
        if let owner = changes["owner"], !owner.isNull { party.owner = Self.key(Self.member(owner)) }
        if let voice = changes["voice"]?.bool {
            for member in members { party.members[Self.key(member)]?.voice = voice }
        }
        parties[id] = party
    }

    fileprivate static func member(_ json: JSONView) -> Member {
        Member(
            account: json["accountId"]?.string ?? "", platform: json["platform"]?.string, voice: json["voice"]?.bool,
            joinOrder: json["me"]?.bool == true ? nil : json["joinOrder"]?.integer)
    }

    fileprivate static func key(_ member: Member) -> String { "\(member.account)/\(member.platform ?? "?")" }

    /// The parties as the simulator shows them at its state page.
    static func simulated(_ state: [UInt8], me: String) throws -> [String: Party] {
        var parties: [String: Party] = [:]
        for json in try JSONDocument(state).root["parties"]?.elements ?? [] {
            func word(_ key: String) -> String? {
                json[key]?.string.map { String($0.lowercased().map { $0 == "_" ? "-" : $0 }) }
            }
            var party = Party(
                name: json["sessionName"]?.string, visibility: word("visibilityType"),
                joinableBy: word("joinableUserType"), maxMembers: json["maxMembers"]?.integer)
            if party.visibility == "friends-only" { party.visibility = "friends" }
            if let owner = json["owner"], !owner.isNull { party.owner = key(member(owner)) }
            for json in json["members"]?.elements ?? [] {
                var member = member(json)
                member.voice = json["voiceChatActivated"]?.bool
                member.joinOrder = member.account == me ? nil : json["joinOrder"]?.integer
                party.put(member)
            }
            parties[json["sessionId"]?.string ?? ""] = party
        }
        return parties
    }
}

extension PrintedParties {
    /// The party of a party document, without `joinableBy`, which it does not have.
    static func document(_ json: JSONView) -> Party {
        var party = Party(
            name: json["name"]?.string, visibility: json["visibility"]?.string,
            maxMembers: json["maxMembers"]?.integer)
        if let owner = json["owner"], !owner.isNull { party.owner = key(member(owner)) }
        for json in json["members"]?.elements ?? [] { party.put(member(json)) }
        return party
    }

    /// The parties that the simulator shows an invitation to, and those that are open to others than the invited.
    static func invitations(_ state: [UInt8], to me: String) throws -> (pending: Set<String>, open: Set<String>) {
        var (pending, open): (Set<String>, Set<String>) = ([], [])
        for json in try JSONDocument(state).root["parties"]?.elements ?? [] {
            let id = json["sessionId"]?.string ?? ""
            if json["invited"]?.elements.contains(where: { $0.string == me }) == true { pending.insert(id) }
            let isClosed =
                json["visibilityType"]?.string == "INVITE_ONLY" && json["joinableUserType"]?.string == "INVITE_ONLY"
            if !isClosed { open.insert(id) }
        }
        return (pending, open)
    }
}

extension PrintedParties.Party {
    mutating func put(_ member: PrintedParties.Member) {
        members[PrintedParties.key(member)] = member
    }
}
