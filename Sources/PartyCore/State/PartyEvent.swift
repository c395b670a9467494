/// Something that happened in or to a party session, as one push frame tells it.
public struct PartyEvent: Sendable, Equatable {
    /// The type users see and filter by.
    public enum Kind: String, Sendable, CaseIterable {
        /// The account created or entered a party session.
        case partyCreated = "party.created"
        /// A setting of a party session changed.
        case partyUpdated = "party.updated"
        /// A party session ended.
        case partyDeleted = "party.deleted"
        /// Members joined.
        case memberJoined = "member.joined"
        /// Members left.
        case memberLeft = "member.left"
        /// Something about a member changed.
        case memberUpdated = "member.updated"
        /// A party session has another owner.
        case ownerChanged = "owner.changed"
        /// The account was invited.
        case invitationReceived = "invitation.received"
        /// An invitation was withdrawn or used.
        case invitationRemoved = "invitation.removed"
        /// A member sent a signal of a voice connection (docs/protocol.md, 6).
        case voiceSignal = "voice.signal"
        /// A voice bridge was linked or deleted (docs/protocol.md, 5).
        case voiceBridge = "voice.bridge"
        /// A message of the signalling channel that is no voice signal.
        case messageReceived = "message.received"
        /// A data type that is not known: passed on, never dropped.
        case other
    }

    /// One setting with its new value.
    public enum Change: Sendable, Equatable {
        /// The name.
        case name(String)
        /// Who sees the party session.
        case visibility(Visibility)
        /// Who may join without an invitation.
        case joinableBy(JoinableUserType)
        /// How many members there may be.
        case maxMembers(Int64)
        /// The owner.
        case owner(Member)
        /// Whether a voice chat is on.
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

    /// An event. The decoder of the stream makes them; a test of a program may, too.
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
