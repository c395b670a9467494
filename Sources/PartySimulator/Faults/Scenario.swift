/// How the simulated service behaves: its oddities, each by name, and its faults.
///
/// As a file it is one JSON object whose keys are the names of the properties below. A key left out keeps its default;
/// an unknown key is an error.
public struct Scenario: Sendable {
    /// How `to.platform` of a push frame is written.
    public enum ToPlatform: String, Sendable, CaseIterable { case array, string, mixed }
    /// What becomes of memberships when an account opens a push connection anew. `keptInTime` is a guess: they are kept where
    /// the client says that it reconnects, and does so within `serverPresenceTimeout` of the loss.
    public enum Reconnect: String, Sendable, CaseIterable { case kept, keptInTime, dropped }
    /// What a party that has a bridge, or whose member has another one, says to a second one.
    public enum SecondBridge: String, Sendable, CaseIterable { case conflictUnlessIgnored, conflict, allowed }
    /// The key party sessions stand under in answers.
    public enum WrapperKey: String, Sendable, CaseIterable { case v2PartySessions, partySessions }
    /// What a refresh says about the refresh token.
    public enum RefreshToken: String, Sendable, CaseIterable { case rotated, same, omitted }
    /// Whether profiles carry their account ids; without them they come in the order asked for, or in another one.
    public enum Profiles: String, Sendable, CaseIterable { case withAccountId, inOrder, byName, shuffled }
    /// What the events of a push context are counted for: a client may put one context on several memberships.
    public enum ContextCounting: String, Sendable, CaseIterable { case context, membership }
    /// Who counts as a holder of a party's link.
    public enum LinkJoin: String, Sendable, CaseIterable { case lookedUp, header }

    /// How many accounts there are, 1 to 20.
    public var accounts = 3
    /// The platforms of the accounts in their order; MOBILE_APP for the rest.
    public var platforms: [String] = []
    /// Events go out before the answer of the request that caused them, not after it.
    public var eventsBeforeAnswer = false
    /// The two events of a new party arrive with sequence number 2 first.
    public var createdEventsSwapped = false
    public var toPlatform = ToPlatform.array
    /// Events come without `customProperties.from`.
    public var fromOmitted = false
    /// Events of changed settings, owners and members' own data come without the new value.
    public var updatesWithoutValue = false
    /// No event tells of members who join, and no context counts one for them.
    public var joinsUntold = false
    /// Whether an invited account finds its invitation in the list.
    public var invitationsListed = true
    /// Whether an account is told by push that it was invited, and that an invitation was withdrawn.
    public var invitationsPushed = true
    public var membershipOnReconnect = Reconnect.kept
    /// Whether a party everybody was dropped from stays open for them to come back.
    public var droppedPartySurvives = true
    public var secondBridge = SecondBridge.conflictUnlessIgnored
    /// Seconds until a bridge that is linked to no party, with nobody on it, is gone by itself.
    public var looseBridgeLife = 60
    public var wrapperKey = WrapperKey.v2PartySessions
    /// After every so many events one of an unknown dataType and one of an unknown method follow; 0 for never.
    public var unknownFramesEvery = 0
    /// One in so many events is counted in its contexts but never sent; 0 for none.
    public var lostEventEvery = 0
    /// One in so many events is sent twice; 0 for none.
    public var doubledEventEvery = 0
    public var refreshToken = RefreshToken.rotated
    /// Whether a refresh without `scope` is refused.
    public var refreshNeedsScope = false
    /// Seconds an access token is valid; `expires_in` says one second less.
    public var accessTokenLife = 3600
    /// Seconds from the sign-in until its refresh token dies.
    public var refreshTokenLife = 5_184_000
    /// Whether a token made without a `duid` is refused by the push service with 403.
    public var pushNeedsDuid = true
    public var linkJoin = LinkJoin.lookedUp
    /// How the items of a look-up of several profiles are told apart.
    public var profiles = Profiles.withAccountId
    /// Former online ids and the present ones of the accounts that had them.
    public var formerOnlineIds: [String: String] = [:]
    public var contextCounting = ContextCounting.context
    /// Whether an invite-only party takes only who was invited or holds its link. Otherwise whoever knows its id may
    /// come in: nobody but its members can have told them.
    public var inviteOnlyEnforced = false
    /// Whether a member may remove another one.
    public var kickAllowed = false
    /// Bodies over 1 kB are compressed for those who accept it.
    public var gzip = true
    /// Whether the server cuts a push connection that was silent for longer than it announced.
    public var closesSilentPush = false
    /// The keep-alive figures of `serveraddr` and of the answer to frame 1007; nil for the documented ones.
    public var keepAlive: KeepAlive?
    /// The same for type 3, voice chat; nil for those of `keepAlive`.
    public var keepAliveVoiceChat: KeepAlive?
    /// Whether frames 1003 and 1007 are answered.
    public var clientFramesAnswered = true
    /// What the answers to them say.
    public var statusReturnCode: Figure = 0
    public var keepAliveReturnCode: Figure = 0
    /// `retryInterval` of both answers; nil leaves it out.
    public var answerRetryInterval: Figure?
    /// Whether nothing is pushed on 3.0 before a 1003 frame was taken.
    public var statusFrameNeeded = false
    /// Whether a frame of the client that is wrong in any place is answered by a close with 1008.
    public var clientFramesChecked = false
    /// Refuses the address look-up with advice in the body; nil for no refusal.
    public var lookUpRefusal: LookUpRefusal?
    public var faults: [Fault] = []
    /// What may not be meant of what it says, as sentences.
    public var notes: [String] { faults.compactMap(\.match.note) }

    public init() {}

    /// A figure as it goes to the wire: a number as a rule, any JSON where a client is to be tried with nonsense.
    public struct Figure: Sendable, Equatable, ExpressibleByIntegerLiteral {
        let json: JSONValue

        init(_ json: JSONValue) { self.json = json }

        public init(integerLiteral value: Int64) { json = .integer(value) }

        /// As a wait of the simulator's own; nil where it is none.
        var milliseconds: Int? { json.integer.flatMap { (0...Int64(FieldReader.most)).contains($0) ? Int($0) : nil } }
    }

    /// How the address look-up is refused.
    public struct LookUpRefusal: Sendable, Equatable {
        public var status = 403
        /// `retryIntervalMin` and `retryIntervalMax` of the error, in seconds.
        public var shortest: Figure = 120
        public var longest: Figure = 180

        public init() {}
    }

    /// What `serveraddr` says about keeping a push connection alive, in milliseconds.
    public struct KeepAlive: Sendable, Equatable {
        public var clientKeepAliveInterval: Figure
        public var clientKeepAliveTimeout: Figure
        public var serverKeepAliveTimeout: Figure
        public var serverPresenceTimeout: Figure

        public init(interval: Figure, timeout: Figure, serverTimeout: Figure, presenceTimeout: Figure) {
            clientKeepAliveInterval = interval
            clientKeepAliveTimeout = timeout
            serverKeepAliveTimeout = serverTimeout
            serverPresenceTimeout = presenceTimeout
        }

        /// Type 6 is known for its interval only; the other figures are guesses in its proportion.
        static let type6 = KeepAlive(interval: 60000, timeout: 60000, serverTimeout: 180000, presenceTimeout: 180000)
        static let type3 = KeepAlive(interval: 10000, timeout: 40000, serverTimeout: 30000, presenceTimeout: 30000)

        var json: JSONValue {
            [
                "clientKeepAliveInterval": clientKeepAliveInterval.json,
                "clientKeepAliveTimeout": clientKeepAliveTimeout.json,
                "serverKeepAliveTimeout": serverKeepAliveTimeout.json,
                "serverPresenceTimeout": serverPresenceTimeout.json,
            ]
        }
    }

    /// The figures of a keep-alive type, `3` or `6`.
    func figures(ofType type: String) -> KeepAlive {
        if type == "3" { return keepAliveVoiceChat ?? keepAlive ?? .type3 }
        return keepAlive ?? .type6
    }
}
