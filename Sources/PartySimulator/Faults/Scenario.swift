/// How the simulated service behaves: its oddities, each by name, and its faults.
///
/// As a file it is one JSON object whose keys are the names of the properties below. A missing key keeps its default;
/// an unknown key is an error.
public struct Scenario: Sendable {
    /// How `to.platform` of a push frame is written.
    public enum ToPlatform: String, Sendable, CaseIterable { case array, string, mixed }
    /// What happens to memberships when an account reopens its push connection. `keptInTime` is a guess: they are kept if
    /// the client says that it reconnects, and does so within `serverPresenceTimeout` after the loss.
    public enum Reconnect: String, Sendable, CaseIterable { case kept, keptInTime, dropped }
    /// The response to a second bridge for a party, or to a second bridge of a member.
    public enum SecondBridge: String, Sendable, CaseIterable { case conflictUnlessIgnored, conflict, allowed }
    /// The key of party sessions in responses.
    public enum WrapperKey: String, Sendable, CaseIterable { case v2PartySessions, partySessions }
    /// What the response to a refresh contains about the refresh token.
    public enum RefreshToken: String, Sendable, CaseIterable { case rotated, same, omitted }
    /// Whether profiles contain their account ids. Without ids they come in the requested order, or in another one.
    public enum Profiles: String, Sendable, CaseIterable { case withAccountId, inOrder, byName, shuffled }
    /// The scope of a push context's event counter. A client may use one context for several memberships.
    public enum ContextCounting: String, Sendable, CaseIterable { case context, membership }
    /// Which accounts count as holders of a party's link.
    public enum LinkJoin: String, Sendable, CaseIterable { case lookedUp, header }

    /// The number of accounts, 1 to 20.
    public var accounts = 3
    /// The platforms of the accounts, in order; MOBILE_APP for the rest.
    public var platforms: [String] = []
    /// Events are sent before the response to the request that caused them, not after it.
    public var eventsBeforeAnswer = false
    /// The two events of a new party arrive with sequence number 2 first.
    public var createdEventsSwapped = false
    public var toPlatform = ToPlatform.array
    /// Events omit `customProperties.from`.
    public var fromOmitted = false
    /// Events of changed settings, owners and member data omit the new value.
    public var updatesWithoutValue = false
    /// No event is sent or counted for members who join.
    public var joinsUntold = false
    /// Whether the list of invitations contains an account's invitations.
    public var invitationsListed = true
    /// Whether push events report new and withdrawn invitations to the invited account.
    public var invitationsPushed = true
    public var membershipOnReconnect = Reconnect.kept
    /// Whether a party stays open for its members to return after all of them were dropped.
    public var droppedPartySurvives = true
    public var secondBridge = SecondBridge.conflictUnlessIgnored
    /// Seconds until the service deletes a bridge that has no party and no peer.
    public var looseBridgeLife = 60
    public var wrapperKey = WrapperKey.v2PartySessions
    /// After every n events, one of an unknown dataType and one of an unknown method follow; 0 for never.
    public var unknownFramesEvery = 0
    /// Every n-th event is counted in its contexts but not sent; 0 for none.
    public var lostEventEvery = 0
    /// Every n-th event is sent twice; 0 for none.
    public var doubledEventEvery = 0
    public var refreshToken = RefreshToken.rotated
    /// Whether a refresh without `scope` is refused.
    public var refreshNeedsScope = false
    /// Seconds that an access token is valid. `expires_in` reports one second less.
    public var accessTokenLife = 3600
    /// Seconds from the sign-in until its refresh token expires.
    public var refreshTokenLife = 5_184_000
    /// Whether the push service refuses a token without a `duid` with 403.
    public var pushNeedsDuid = true
    public var linkJoin = LinkJoin.lookedUp
    /// How the items of a look-up of several profiles are identified.
    public var profiles = Profiles.withAccountId
    /// Maps former online ids to current ones.
    public var formerOnlineIds: [String: String] = [:]
    public var contextCounting = ContextCounting.context
    /// Whether an invite-only party admits only invited accounts and holders of its link. Otherwise any account that knows
    /// its id can join, because only members can pass the id on.
    public var inviteOnlyEnforced = false
    /// Whether a member can remove another one.
    public var kickAllowed = false
    /// Compresses bodies over 1 kB if the client accepts it.
    public var gzip = true
    /// By how many seconds the `Date` of responses is ahead of the clock; negative for behind.
    public var clockOffset = 0
    /// Whether the server cuts a push connection that was silent for longer than the announced time.
    public var closesSilentPush = false
    /// The keep-alive values in `serveraddr` and in the answer to frame 1007; nil for the documented ones.
    public var keepAlive: KeepAlive?
    /// The keep-alive values of type 3, voice chat; nil for those of `keepAlive`.
    public var keepAliveVoiceChat: KeepAlive?
    /// Whether frames 1003 and 1007 are answered.
    public var clientFramesAnswered = true
    /// The content of the answers to these frames.
    public var statusReturnCode: Figure = 0
    public var keepAliveReturnCode: Figure = 0
    /// `retryInterval` of both answers; nil omits it.
    public var answerRetryInterval: Figure?
    /// Whether version 3.0 pushes nothing until the server accepted a 1003 frame.
    public var statusFrameNeeded = false
    /// Whether an invalid frame of the client closes the connection with 1008.
    public var clientFramesChecked = false
    /// Refuses the address look-up with retry advice in the body; nil for no refusal.
    public var lookUpRefusal: LookUpRefusal?
    public var faults: [Fault] = []
    /// Warnings about faults that may not do what the user intended.
    public var notes: [String] { faults.compactMap(\.match.note) }

    public init() {}

    /// A value as it is sent: usually a number, or any JSON to test a client with invalid data.
    public struct Figure: Sendable, Equatable, ExpressibleByIntegerLiteral {
        let json: JSONValue

        init(_ json: JSONValue) { self.json = json }

        public init(integerLiteral value: Int64) { json = .integer(value) }

        /// The value as a waiting time of the simulator; nil if it is not a number.
        var milliseconds: Int? { json.integer.flatMap { (0...Int64(FieldReader.most)).contains($0) ? Int($0) : nil } }
    }

    /// The refusal of the address look-up.
    public struct LookUpRefusal: Sendable, Equatable {
        public var status = 403
        /// `retryIntervalMin` and `retryIntervalMax` of the error, in seconds.
        public var shortest: Figure = 120
        public var longest: Figure = 180

        public init() {}
    }

    /// The keep-alive values of `serveraddr`, in milliseconds.
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

        /// Only the interval of type 6 is known; the other values are guesses in the same proportion.
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

    /// The values of a keep-alive type, `3` or `6`.
    func figures(ofType type: String) -> KeepAlive {
        if type == "3" { return keepAliveVoiceChat ?? keepAlive ?? .type3 }
        return keepAlive ?? .type6
    }
}
