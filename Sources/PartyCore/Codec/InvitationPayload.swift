/// Reads the list of invitations. There is no capture of its items, so each name that other projects use is tried.
package enum InvitationPayload {
    package static func invitations(in body: [UInt8]) throws(CodecError) -> [Invitation] {
        guard let list = try JSONDocument(body).root["invitations"], list.isArray else {
            throw CodecError("the answer contains no invitations", at: 0)
        }
        return list.elements(invitation)
    }

    package static func invitation(_ json: JSONView) -> Invitation? {
        guard let id = json["sessionId"]?.text ?? json["partySessionId"]?.text else { return nil }
        return Invitation(
            partyID: PartyID(id), name: json["sessionName"]?.text,
            from: (json["from"] ?? json["inviter"]).flatMap(Member.init),
            receivedAt: json["receivedTimestamp"]?.integer.map(Timestamp.init(milliseconds:)))
    }

    /// Writes a pending invitation under the names that `entry` reads.
    package static func write(_ entry: PendingInvitations.Entry, to json: inout JSONWriter) {
        json.object { json in
            json.field("sessionId", entry.invitation.partyID.text)
            if let name = entry.invitation.name { json.field("sessionName", name) }
            if let from = entry.invitation.from {
                json.key("from")
                json.write(from)
            }
            if let time = entry.invitation.receivedAt { json.field("receivedTimestamp", time.milliseconds) }
            json.field("listed", entry.isListed)
        }
    }

    package static func entry(_ json: JSONView) -> PendingInvitations.Entry? {
        invitation(json).map { PendingInvitations.Entry($0, isListed: json["listed"]?.bool ?? false) }
    }
}
