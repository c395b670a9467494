/// Reads party sessions from the answers of the session service. Which fields come is known for few of them, so all are
/// optional but the id (docs/protocol.md, 4.1 to 4.4).
package enum SessionPayload {
    /// The sessions of a look-up or create answer, under either wrapper key.
    /// - Throws: `CodecError` where the answer is no JSON object with such a list.
    package static func sessions(in body: [UInt8]) throws(CodecError) -> [PartySession] {
        let root = try JSONDocument(body).root
        guard let list = root["v2PartySessions"] ?? root["partySessions"], list.isArray else {
            throw CodecError("the answer contains no party sessions", at: 0)
        }
        return try sessions(in: list)
    }

    /// The parties of the list of visible ones.
    package static func visibleParties(in body: [UInt8]) throws(CodecError) -> [PartySession] {
        guard let list = try JSONDocument(body).root["parties"], list.isArray else {
            throw CodecError("the answer contains no parties", at: 0)
        }
        return try sessions(in: list)
    }

    /// One that cannot be read is left out; a list in which none can be is not what it should be.
    private static func sessions(in list: JSONView) throws(CodecError) -> [PartySession] {
        let elements = list.elements
        let sessions = elements.compactMap(session)
        guard !sessions.isEmpty || elements.isEmpty else {
            throw CodecError("the party sessions in the answer have no ids", at: 0)
        }
        return sessions
    }

    /// What a share link points to.
    package static func linkedParty(in body: [UInt8]) throws(CodecError) -> LinkedParty {
        let root = try JSONDocument(body).root
        guard let id = root["sessionId"]?.text else {
            throw CodecError("the answer names no party session", at: 0)
        }
        return LinkedParty(
            id: PartyID(id), isJoinable: root["isJoinable"]?.bool,
            joinableFrom: root["joinableFrom"]?.elements { $0.text.map(Platform.init(rawValue:)) })
    }

    package static func session(_ json: JSONView) -> PartySession? {
        guard let id = json["sessionId"]?.text ?? json["partySessionId"]?.text else { return nil }
        let members = json["members"]?.elements(Member.init) ?? []
        let owner = json["owner"].flatMap(Member.init)
        return PartySession(
            id: PartyID(id), name: json["sessionName"]?.string,
            visibility: json["visibilityType"]?.text.map(Visibility.init(rawValue:)),
            joinableBy: json["joinableUserType"]?.text.map(JoinableUserType.init(rawValue:)),
            maxMembers: json["maxMembers"]?.integer, joinable: json["partyJoinable"]?.bool,
            createdAt: json["createdTimestamp"]?.integer.map(Timestamp.init(milliseconds:)),
            // The owner comes with identity fields only; the roster knows the rest.
            owner: owner.map { owner in members.first { $0.key == owner.key }?.merging(owner) ?? owner },
            members: members)
    }
}

/// The party session behind a share link, and who may come in by it.
package struct LinkedParty: Sendable, Equatable {
    package let id: PartyID
    package let isJoinable: Bool?
    package let joinableFrom: [Platform]?
}
