extension SimulatedService {
    func partyJSON(_ party: Party, forMember: Bool) -> JSONValue {
        let body: JSONValue = [
            "sessionId": .string(party.id), "sessionName": .string(party.name), "sessionType": "ROOM",
            "createdTimestamp": .string(String(party.createdAt)), "maxMembers": .integer(Int64(party.maxMembers)),
            "visibilityType": .string(party.visibility), "joinableUserType": .string(party.joinable),
            "owner": ownerJSON(party), "members": .array(party.members.map(memberJSON)),
            "bridges": forMember ? .array(party.bridges.map(bridgeJSON)) : [], "customData1": "",
        ]
        return body
    }

    func listItemJSON(_ party: Party, caller: Call.Caller) -> JSONValue {
        let isOpen = !party.isFull && mayJoin(caller, party, linkId: nil)
        return [
            "sessionId": .string(party.id), "sessionName": .string(party.name),
            "members": .array(party.members.map(memberJSON)), "owner": ownerJSON(party),
            "maxMembers": .integer(Int64(party.maxMembers)), "partyJoinable": .bool(isOpen),
            "partyRequestToJoinable": .bool(!isOpen && !party.isFull), "visibilityType": .string(party.visibility),
            "joinableUserType": .string(party.joinable),
        ]
    }

    func ownerJSON(_ party: Party) -> JSONValue {
        guard let key = party.owner, let owner = party.member(key) else { return .null }
        return [
            "accountId": .string(owner.key.accountId), "onlineId": .string(owner.onlineId),
            "platform": .string(owner.key.platform),
        ]
    }

    private func bridgeJSON(_ bridge: LinkedBridge) -> JSONValue {
        [
            "bridgeId": .string(bridge.id), "bridgeToken": .string(bridge.token), "bridgeEtag": .string(bridge.etag),
        ]
    }

    /// A member in REST responses. The timestamp is a string here and a number in push frames.
    private func memberJSON(_ member: PartyMember) -> JSONValue {
        identityJSON(member)
            .adding("joinTimestamp", .string(String(member.joinedAt)))
            .adding("voiceChatActivated", .bool(member.voiceChatActivated))
            .adding("isOnShareScreen", false)
            .adding("customData2", .string(member.customData2))
            .adding("customData3", .string(member.customData3))
            .adding("customData4", .string(member.customData4))
    }

    func pushedMemberJSON(_ member: PartyMember) -> JSONValue {
        identityJSON(member)
            .adding("joinTimestamp", .integer(member.joinedAt))
            .adding("voiceChatActivated", .bool(member.voiceChatActivated))
            .adding("isOnShareScreen", false)
            .adding("customData4", .string(member.customData4))
    }

    /// The fields that identify a member.
    func identityJSON(_ member: PartyMember) -> JSONValue {
        [
            "accountId": .string(member.key.accountId), "onlineId": .string(member.onlineId),
            "platform": .string(member.key.platform), "deviceUniqueId": .string(member.duid),
            "joinOrder": .integer(Int64(member.joinOrder)),
        ]
    }
}
