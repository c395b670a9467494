/// A push frame for one account.
struct PushEvent: Sendable {
    let accountId: String
    private let frame: JSONValue

    /// - Parameter frame: without its version.
    init(accountId: String, frame: JSONValue) {
        self.accountId = accountId
        self.frame = frame
    }

    /// The message for a connection of this version.
    func text(version: String) -> [UInt8] {
        JSONValue.object([JSONMember(key: "version", value: .string(version))] + (frame.object ?? [])).bytes
    }
}

extension SimulatedService {
    private static let family = "psn:sessionManager:sys:"

    func announceCreation(of id: String, by owner: PartyMember) {
        let first = waiting.count
        announceMember("v2:ps:members:created", pushedMemberJSON(owner), of: id, by: owner)
        announce("v2:partySession:created", [], of: id, by: owner)
        if scenario.createdEventsSwapped { waiting[first...].reverse() }
    }

    func announceSetting(_ name: String, _ value: JSONValue, of id: String, by member: PartyMember) {
        let content = scenario.updatesWithoutValue ? [] : [JSONMember(key: name, value: value)]
        announce("v2:ps:\(name):updated", content, of: id, by: member)
        guard ["visibilityType", "joinableUserType"].contains(name), let party = parties[id] else { return }
        for invitation in party.invitations {
            announceOutside("outside:v2:ps:\(name):updated", content, of: id, by: member, to: invitation.to)
        }
    }

    /// Sends an event about one member. `alsoTo` is a former member who also receives it.
    func announceMember(
        _ name: String, _ content: JSONValue, of id: String, by member: PartyMember, alsoTo former: PartyMember? = nil
    ) {
        let members = (parties[id]?.members ?? []) + (former.map { [$0] } ?? [])
        // Events of custom data have no contexts; all others are counted.
        announce(
            name, [JSONMember(key: "members", value: [content])], of: id, by: member, to: members,
            isCounted: !name.contains("customData"))
    }

    func announceOwner(_ owner: PartyMember, of id: String) {
        guard let party = parties[id] else { return }
        // No source documents the body of this event.
        let content = scenario.updatesWithoutValue ? [] : [JSONMember(key: "owner", value: ownerJSON(party))]
        announce("v2:ps:owner:updated", content, of: id, by: owner)
    }

    func announceBridge(_ what: String, _ bridgeId: String, of id: String, by member: PartyMember? = nil) {
        let content = JSONMember(key: "bridges", value: [["bridgeId": .string(bridgeId)]])
        announce("v2:ps:bridges:\(what)", [content], of: id, by: member)
    }

    func announceDeletion(of party: Party, to last: PartyMember, isTold: Bool) {
        let recipients = Set(party.invitations.map(\.to) + (isTold ? [last.key.accountId] : []))
        for accountId in recipients.sorted() {
            announceOutside("outside:v2:partySession:deleted", [], of: party.id, by: last, to: accountId)
        }
    }

    /// - Parameter what: `created` or `deleted`.
    func announceInvitation(
        _ what: String, _ invitation: PartyInvitation, to party: Party, by member: PartyMember
    ) {
        // A guess: no source documents the event of an invitation.
        announceOutside(
            "v2:ps:invitations:\(what)",
            [JSONMember(key: "invitations", value: [invitationJSON(invitation, party)])],
            of: party.id, by: member, to: invitation.to)
    }

    /// Sends an event to members, and counts it in the push contexts of each.
    func announce(
        _ name: String, _ content: [JSONMember], of id: String, by member: PartyMember?,
        to recipients: [PartyMember]? = nil, isCounted: Bool = true
    ) {
        let members = recipients ?? parties[id]?.members ?? []
        var seen: Set<String> = []
        for accountId in members.map(\.key.accountId) where seen.insert(accountId).inserted {
            let own = members.filter { $0.key.accountId == accountId }
            var contexts: [JSONValue] = []
            for recipient in isCounted ? own : [] { contexts += count(recipient, in: id) }
            queue(name, data(content, of: id, by: member), to: accountId, own.map(\.key.platform), contexts)
        }
    }

    /// Sends an event to an account that is not a member. It has no contexts.
    private func announceOutside(
        _ name: String, _ content: [JSONMember], of id: String, by member: PartyMember, to accountId: String
    ) {
        var data = data(content, of: id, by: member)
        if name.hasPrefix("outside:"), name.hasSuffix("deleted") {
            // The service spells the key like this.
            data = deletion(data)
        }
        let platform = account(accountId)?.platform ?? "MOBILE_APP"
        queue(name, data, to: accountId, [platform], [])
    }

    private func deletion(_ data: JSONValue) -> JSONValue {
        let properties = (data["customProperties"] ?? [:]).adding("deletedEvenCause", "LAST_MEMBER_LEFT")
        let rest = (data.object ?? []).filter { $0.key != "customProperties" }
        return .object([JSONMember(key: "customProperties", value: properties)] + rest)
    }

    private func data(_ content: [JSONMember], of id: String, by member: PartyMember?) -> JSONValue {
        var properties: JSONValue = [:]
        if let member, !scenario.fromOmitted { properties = properties.adding("from", identityJSON(member)) }
        return .object(
            [JSONMember(key: "customProperties", value: properties)] + content
                + [JSONMember(key: "sessionId", value: .string(id))])
    }

    /// Increments the counters of a member's contexts.
    private func count(_ member: PartyMember, in id: String) -> [JSONValue] {
        var contexts = parties[id]?.member(member.key)?.contexts ?? member.contexts
        for index in contexts.indices {
            if scenario.contextCounting == .context {
                let counter = member.key.accountId + "/" + contexts[index].id
                counts[counter, default: 0] += 1
                contexts[index].sequenceNumber = counts[counter] ?? 0
            } else {
                contexts[index].sequenceNumber += 1
            }
        }
        parties[id]?.change(member.key) { $0.contexts = contexts }
        return contexts.map { ["contextId": .string($0.id), "sequenceNumber": .integer($0.sequenceNumber)] }
    }

    private func queue(
        _ name: String, _ data: JSONValue, to accountId: String, _ platforms: [String], _ contexts: [JSONValue]
    ) {
        eventCount += 1
        let isArray = scenario.toPlatform == .array || scenario.toPlatform == .mixed && eventCount.isMultiple(of: 2)
        let platform: JSONValue = isArray ? .array(platforms.map { .string($0) }) : .string(platforms.first ?? "")
        var frame: JSONValue = [
            "method": 3001, "dataType": .string(Self.family + name),
            "to": [
                "accountId": .integer(Int64(accountId) ?? 0), "onlineId": .string(account(accountId)?.onlineId ?? ""),
                "platform": platform, "isSystemOnly": false, "toSystem": false,
            ], "body": ["data": data],
        ]
        if !contexts.isEmpty { frame = frame.adding("contexts", .array(contexts)) }
        let event = PushEvent(accountId: accountId, frame: frame)
        if !isOne(in: scenario.lostEventEvery) { waiting.append(event) }
        if isOne(in: scenario.doubledEventEvery) { waiting.append(event) }
        guard isOne(in: scenario.unknownFramesEvery) else { return }
        let unknown: JSONValue = [
            "method": 3001, "dataType": "psn:presence:sys:v9:unheard:updated", "body": ["data": [:]],
        ]
        let method: JSONValue = ["method": 3999, "tranId": "1"]
        waiting += [unknown, method].map { PushEvent(accountId: accountId, frame: $0) }
    }

    /// Whether the current event is an n-th one; 0 for none.
    private func isOne(in count: Int) -> Bool { count > 0 && eventCount.isMultiple(of: count) }
}
