/// A change in a party session, from one push frame (docs/protocol.md, 7.6).
public struct PartyEvent: Sendable, Equatable {
    /// The type of the event. Its raw value is the type in JSON output.
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
        /// A party session that the account is not in can be seen now. Only from a run that asks for the list
        /// (docs/protocol.md, 4.4); `from` is the owner.
        case partyVisible = "party.visible"
        /// Such a party session can no longer be seen.
        case partyHidden = "party.hidden"
        /// A member sent a signal of a voice connection (docs/protocol.md, 6).
        case voiceSignal = "voice.signal"
        /// A voice bridge was linked or deleted (docs/protocol.md, 5).
        case voiceBridge = "voice.bridge"
        /// A message of the signalling channel that is no voice signal.
        case messageReceived = "message.received"
        /// An unknown data type. The event is delivered with its `data`.
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
        /// Custom data of clients, base64, by its number 1 to 4 (docs/protocol.md, 4.15).
        case customData(Int, String)
    }

    /// The type of the event.
    public var kind: Kind
    /// The party session; `nil` if the event belongs to none.
    public var partyID: PartyID?
    /// The member who caused it, if the frame names one.
    public var from: Member?
    /// The members that the event is about.
    public var members: [Member]
    /// The settings that changed, with their new values.
    public var changes: [Change]
    /// For `voice.signal`: the signal, if it could be read.
    public var signal: ReceivedSignal?
    /// The contexts of this account in the frame (docs/protocol.md, 7.4).
    public var contexts: [PushContext]
    /// The data type of the frame.
    public var dataType: DataType?
    /// The frame's `body.data`: JSON text, unchanged. Read it with ``JSONDocument``.
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
