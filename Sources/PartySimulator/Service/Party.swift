/// One party session: its members, invitations and settings.
struct Party: Sendable {
    let id: String
    let linkId: String
    let createdAt: Int64
    var name: String
    var visibility: String
    var joinable: String
    var maxMembers: Int
    /// In the order they joined.
    var members: [PartyMember] = []
    var owner: PartyMember.Key?
    var invitations: [PartyInvitation] = []
    var bridges: [LinkedBridge] = []
    /// Accounts that looked up the party's link.
    var linkHolders: Set<String> = []
    /// The link was looked up without a sign-in, so any account may hold it.
    var isLinkPublic = false
    /// Members dropped with their push connection. They may rejoin, but do not see the party until then.
    var dropped: Set<PartyMember.Key> = []
    private var joinCount = 0

    init(id: String, linkId: String, createdAt: Int64, settings: PartySettings) {
        self.id = id
        self.linkId = linkId
        self.createdAt = createdAt
        name = settings.name
        visibility = settings.visibility
        joinable = settings.joinable
        maxMembers = settings.maxMembers
    }

    func member(_ key: PartyMember.Key) -> PartyMember? { members.first { $0.key == key } }
    func holds(_ accountId: String) -> Bool { members.contains { $0.key.accountId == accountId } }
    func invites(_ accountId: String) -> Bool { invitations.contains { $0.to == accountId } }
    var isFull: Bool { members.count >= maxMembers }

    /// Adds a member. The first one becomes the owner.
    mutating func admit(_ member: PartyMember) -> PartyMember {
        joinCount += 1
        var admitted = member
        admitted.joinOrder = joinCount
        members.append(admitted)
        if owner == nil { owner = admitted.key }
        invitations.removeAll { $0.to == member.key.accountId }
        dropped.remove(member.key)
        return admitted
    }

    /// Removes a member. If it was the owner, the next member in join order becomes the owner.
    ///
    /// - Returns: the removed member, and the new owner if it changed.
    mutating func release(_ key: PartyMember.Key) -> (left: PartyMember, owner: PartyMember?)? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        let left = members.remove(at: index)
        guard owner == key else { return (left, nil) }
        owner = members.first?.key
        return (left, members.first)
    }

    mutating func change(_ key: PartyMember.Key, _ edit: (inout PartyMember) -> Void) {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return }
        edit(&members[index])
    }
}

/// The settings that the creator of a party chooses.
struct PartySettings: Sendable {
    var name: String
    var visibility: String
    var joinable: String
    var maxMembers: Int

    static let visibilities = ["INVITE_ONLY", "FRIENDS_ONLY"]
    static let joinables = ["INVITE_ONLY", "FRIENDS", "NO_ONE", "FRIENDS_OF_FRIENDS", "ANYONE", "SPECIFIED_USERS"]
    static let sizes: ClosedRange<Int64> = 2...16
}

/// A member of a party session.
struct PartyMember: Sendable, Equatable {
    /// The identity of a member: one account can be in a party twice, from two platforms.
    struct Key: Sendable, Hashable {
        var accountId: String
        var platform: String
    }

    let key: Key
    let onlineId: String
    let duid: String
    var joinOrder = 0
    var joinedAt: Int64
    var voiceChatActivated: Bool
    var customData2 = ""
    var customData3 = ""
    var customData4: String
    var contexts: [PushContext]
}

/// A push context that a client created, and its event counter.
struct PushContext: Sendable, Equatable {
    let id: String
    var sequenceNumber: Int64 = 0
}

/// A pending invitation.
struct PartyInvitation: Sendable, Equatable {
    let id: String
    let to: String
    let from: PartyMember.Key
    let receivedAt: Int64
}

/// A bridge that is linked to a party.
struct LinkedBridge: Sendable, Equatable {
    let id: String
    let token: String
    let etag: String
}
