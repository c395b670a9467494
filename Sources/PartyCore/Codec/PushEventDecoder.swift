/// Reads a push frame as an event: one table from data types to kinds (docs/protocol.md, 7.6).
package enum PushEventDecoder {
    private static let kinds: [String: PartyEvent.Kind] = [
        "partySession:created": .partyCreated,
        "partySession:deleted": .partyDeleted,
        "ps:members:created": .memberJoined,
        "ps:members:deleted": .memberLeft,
        "ps:owner:updated": .ownerChanged,
        "ps:sessionName:updated": .partyUpdated,
        "ps:visibilityType:updated": .partyUpdated,
        "ps:joinableUserType:updated": .partyUpdated,
        "ps:maxMembers:updated": .partyUpdated,
        "ps:customData1:updated": .partyUpdated,
        "ps:customData2:updated": .partyUpdated,
        "ps:customData3:updated": .partyUpdated,
        "ps:customData4:updated": .partyUpdated,
        "ps:m:customData1:updated": .memberUpdated,
        "ps:m:customData2:updated": .memberUpdated,
        "ps:m:customData3:updated": .memberUpdated,
        "ps:m:customData4:updated": .memberUpdated,
        "ps:m:voiceChatActivated:updated": .memberUpdated,
        "ps:bridges:created": .voiceBridge,
        "ps:bridges:deleted": .voiceBridge,
        "ps:customMessage:created": .messageReceived,
        "ps:customMessage:noSeq:created": .messageReceived,
    ]

    /// The names as the second version of the service has them, for most frames: found without taking them apart.
    private static let wholeNames: [String: PartyEvent.Kind] = Dictionary(
        uniqueKeysWithValues: kinds.map { subject, kind in ("psn:sessionManager:sys:v2:" + subject, kind) })

    package static func event(in frame: PushFrame) -> PartyEvent {
        let dataType = frame.dataType
        var kind = dataType.map(kind) ?? .other
        guard let data = frame.data else { return PartyEvent(kind: kind, contexts: frame.contexts, dataType: dataType) }
        // A message on the signalling channel is a signal even where it cannot be read: it then has none to show.
        if kind == .messageReceived, data["customMessage"]?["channel"]?.string == SignalPayload.channel {
            kind = .voiceSignal
        }
        var from = (data["customProperties"]?["from"]).flatMap(Member.init)
        // The inviter may stand in the invitation alone.
        let invitation = kind == .invitationReceived || kind == .invitationRemoved ? invitation(in: data) : nil
        if kind == .invitationReceived { from = invitation?.from ?? from }
        let members = data["members"]?.elements(Member.init) ?? []
        return PartyEvent(
            kind: kind,
            partyID: (data["sessionId"]?.text ?? data["partySessionId"]?.text).map { PartyID($0) }
                ?? invitation?.partyID,
            from: from, members: members,
            changes: invitation?.name.map { [.name($0)] } ?? changes(of: kind, in: data, members),
            signal: kind == .voiceSignal ? signal(in: data, from: from) : nil, contexts: frame.contexts,
            dataType: dataType, data: Array(data.source))
    }

    private static func invitation(in data: JSONView) -> Invitation? {
        data["invitations"]?.elements.first.flatMap(InvitationPayload.invitation)
            ?? InvitationPayload.invitation(data)
    }

    private static func kind(of dataType: DataType) -> PartyEvent.Kind {
        if let kind = wholeNames[dataType.rawValue] { return kind }
        if let kind = dataType.subject.flatMap({ kinds[$0] }) { return kind }
        // No data type of an invitation was ever captured, so whatever speaks of one is one.
        let name = dataType.rawValue.lowercased()
        guard name.contains("invitation") else { return .other }
        let isGone = ["deleted", "removed", "declined", "cancelled", "canceled", "expired", "revoked"]
            .contains { name.hasSuffix(":" + $0) }
        return isGone ? .invitationRemoved : .invitationReceived
    }

    private static func changes(
        of kind: PartyEvent.Kind, in data: JSONView, _ members: [Member]
    ) -> [PartyEvent.Change] {
        switch kind {
        case .partyUpdated: settings(in: data)
        case .memberUpdated: memberChanges(in: data)
        case .ownerChanged: (owner(in: data) ?? members.first).map { [.owner($0)] } ?? []
        default: []
        }
    }

    private static func settings(in data: JSONView) -> [PartyEvent.Change] {
        var changes: [PartyEvent.Change] = []
        if let name = data["sessionName"]?.string { changes.append(.name(name)) }
        if let word = data["visibilityType"]?.text { changes.append(.visibility(Visibility(rawValue: word))) }
        if let word = data["joinableUserType"]?.text {
            changes.append(.joinableBy(JoinableUserType(rawValue: word)))
        }
        if let number = data["maxMembers"]?.integer { changes.append(.maxMembers(number)) }
        return changes + customData(in: data)
    }

    private static func memberChanges(in data: JSONView) -> [PartyEvent.Change] {
        guard let member = data["members"]?.elements.first else { return [] }
        let voice = (member["voiceChatActivated"]?.bool).map { [PartyEvent.Change.voice($0)] } ?? []
        return voice + customData(in: member)
    }

    private static func customData(in json: JSONView) -> [PartyEvent.Change] {
        [json["customData1"], json["customData2"], json["customData3"], json["customData4"]].enumerated()
            .compactMap { index, value in
                (value?.string).map { .customData(index + 1, $0) }
            }
    }

    private static func owner(in data: JSONView) -> Member? {
        data["owner"].flatMap(Member.init)
    }

    private static func signal(in data: JSONView, from: Member?) -> ReceivedSignal? {
        guard let payload = data["customMessage"]?["payload"]?.string,
            var received = try? SignalPayload.decode(payload)
        else { return nil }
        received.compare(with: from)
        return received
    }
}
