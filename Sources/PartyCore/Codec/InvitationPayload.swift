/// Reads the list of one's invitations, whose items nobody has recorded: under each name that others have looked for.
package enum InvitationPayload {
    package static func invitations(in body: [UInt8]) throws(CodecError) -> [Invitation] {
        guard let list = try JSONDocument(body).root["invitations"], list.isArray else {
            throw CodecError("the answer holds no invitations", at: 0)
        }
        return list.elements { json in
            guard let id = json["sessionId"]?.text ?? json["partySessionId"]?.text else { return nil }
            return Invitation(
                partyID: PartyID(id), name: json["sessionName"]?.text,
                from: (json["from"] ?? json["inviter"]).flatMap(Member.init),
                receivedAt: json["receivedTimestamp"]?.integer.map(Timestamp.init(milliseconds:)))
        }
    }
}
