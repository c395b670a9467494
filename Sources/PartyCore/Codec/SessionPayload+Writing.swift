extension SessionPayload {
    /// Writes a party session under the service's own names, so that `session` reads it back as it was.
    package static func write(_ party: PartySession, to json: inout JSONWriter) {
        json.object { json in
            json.field("sessionId", party.id.text)
            json.optional("sessionName", party.name)
            json.optional("visibilityType", party.visibility?.rawValue)
            json.optional("joinableUserType", party.joinableBy?.rawValue)
            if let number = party.maxMembers { json.field("maxMembers", number) }
            if let joinable = party.joinable { json.field("partyJoinable", joinable) }
            if let time = party.createdAt { json.field("createdTimestamp", time.milliseconds) }
            if let owner = party.owner {
                json.key("owner")
                json.write(owner)
            }
            json.array("members", party.members) { json, member in json.write(member) }
        }
    }
}

extension JSONWriter {
    mutating func write(_ member: Member) {
        object { json in
            json.field("accountId", member.accountID)
            json.optional("onlineId", member.onlineID)
            json.optional("platform", member.platform?.rawValue)
            if let order = member.joinOrder { json.field("joinOrder", order) }
            if let time = member.joinedAt { json.field("joinTimestamp", time.milliseconds) }
            if let voice = member.voice { json.field("voiceChatActivated", voice) }
        }
    }

    fileprivate mutating func optional(_ key: String, _ text: String?) {
        if let text { field(key, text) }
    }
}
