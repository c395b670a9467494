/// Something that happened in or to a party session, as one push frame tells it.
public struct PartyEvent: Sendable, Equatable {
    /// The type users see and filter by.
    public enum Kind: String, Sendable, CaseIterable {
        case partyCreated = "party.created"
        case partyUpdated = "party.updated"
        case partyDeleted = "party.deleted"
        case memberJoined = "member.joined"
        case memberLeft = "member.left"
        case memberUpdated = "member.updated"
        case ownerChanged = "owner.changed"
        case invitationReceived = "invitation.received"
        case invitationRemoved = "invitation.removed"
        case voiceSignal = "voice.signal"
        case voiceBridge = "voice.bridge"
        case messageReceived = "message.received"
        /// A data type that is not known: passed on, never dropped.
        case other
    }

    /// One setting with its new value.
    public enum Change: Sendable, Equatable {
        case name(String)
        case visibility(Visibility)
        case joinableBy(JoinableUserType)
        case maxMembers(Int64)
        case owner(Member)
        case voice(Bool)
        /// Data of the client's own making, as it came (base64), by its number 1 to 4 (docs/protocol.md, 4.15).
        case customData(Int, String)
    }

    /// What happened.
    public var kind: Kind
    /// Where; `nil` for what belongs to no party session.
    public var partyID: PartyID?
    /// Who caused it, where the frame says so.
    public var from: Member?
    /// Whom it is about.
    public var members: [Member]
    /// What has another value now.
    public var changes: [Change]
    /// For `voice.signal`: the signal, where it could be read.
    public var signal: ReceivedSignal?
    /// Our own marks on the frame (docs/protocol.md, 7.4).
    public var contexts: [PushContext]
    /// The service's own name for it.
    public var dataType: DataType?
    /// The frame's `body.data`: JSON text, as it came.
    public var data: [UInt8]?

    public init(
        kind: Kind, partyID: PartyID? = nil, from: Member? = nil, members: [Member] = [], changes: [Change] = [],
        signal: ReceivedSignal? = nil, contexts: [PushContext] = [], dataType: DataType? = nil, data: [UInt8]? = nil
    ) {
        self.kind = kind
        self.partyID = partyID
        self.from = from
        self.members = members
        self.changes = changes
        self.signal = signal
        self.contexts = contexts
        self.dataType = dataType
        self.data = data
    }
}
