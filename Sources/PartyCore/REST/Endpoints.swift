/// The requests of the service, one function each, byte for byte as captured where
/// there is a capture (docs/protocol.md, 4, 8, 9). `RESTClient` adds the access token.
package struct Endpoints: Sendable {
    package let hosts: ServiceHosts
    /// The name of the client for the bridge service.
    let bridgeTitle: String

    package init(_ hosts: ServiceHosts, bridgeTitle: String = VoiceSettings().bridgeTitle) {
        self.hosts = hosts
        self.bridgeTitle = bridgeTitle
    }

    private static let sessions = "/api/sessionManager/v2/partySessions"
    private static let nameFilter = HeaderField("X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE", "en-US")

    func session(_ id: PartyID, _ rest: String = "") -> String {
        hosts.mobile + Self.sessions + "/" + URLText.encode(id.text) + rest
    }

    package func create(_ settings: NewParty, context: ContextID) -> RESTRequest {
        RESTRequest(
            .post, hosts.mobile + Self.sessions, headers: [Self.nameFilter],
            body: .json { json in
                json.array("v2PartySessions", [settings]) { json, settings in
                    json.object { json in
                        json.field("joinableUserType", settings.joinableBy.rawValue)
                        json.field("maxMembers", Int64(settings.maxMembers))
                        json.ownMembership(context: context, voice: settings.voice, deviceID: settings.deviceID)
                        json.field("sessionName", settings.name)
                        json.field("sessionType", "ROOM")
                        json.field("visibilityType", settings.visibility.rawValue)
                    }
                }
            })
    }

    package func lookUp(_ id: PartyID) -> RESTRequest {
        RESTRequest(
            .get, hosts.mobile + Self.sessions + "?view=v3",
            headers: [HeaderField("X-PSN-SESSION-MANAGER-SESSION-IDS", id.text)])
    }

    /// The parties that the account can see, and the given ones.
    /// The limit of the captured client.
    static let mostListed = 11

    package func visibleParties(including ids: [PartyID]) -> RESTRequest {
        RESTRequest(
            .post, hosts.mobile + "/api/sessionManager/v2/sys/gameBase/parties/bulkGet?limit=\(Self.mostListed)",
            body: .json(charset: false) { json in
                json.array("groupInvitedPartySessions", ids) { json, id in json.string(id.text) }
            }, isLookup: true)
    }

    /// - Parameter link: the id of the share link that the account uses (docs/protocol.md, 8).
    package func join(_ id: PartyID, by link: String?, context: ContextID, voice: Bool) -> RESTRequest {
        RESTRequest(
            .post, session(id, "/members"),
            headers: link.map { [HeaderField("X-PSN-SESSION-MANAGER-CPSS-ID", $0)] } ?? [],
            body: .json { json in json.ownMembership(context: context, voice: voice, deviceID: nil) })
    }

    /// The request that the captured client sends after its join.
    package func confirmMembership(_ id: PartyID) -> RESTRequest {
        RESTRequest(
            .patch, session(id, "/members/me"),
            body: .json { json in json.field("customData4", CustomData.initialState) })
    }

    /// Invites one account. The captured client names several in one request; one for each tells which was refused.
    package func invite(_ account: AccountID, to id: PartyID) -> RESTRequest {
        RESTRequest(
            .post, session(id, "/invitations"),
            body: .json(charset: false) { json in
                json.field("invitationType", "NORMAL")
                json.array("invitations", [account]) { json, account in
                    json.object { json in
                        json.object("to") { json in json.field("accountId", account) }
                    }
                }
                json.array("invitationsToGroups", [AccountID]()) { _, _ in }
            })
    }

    package func edit(_ id: PartyID, _ property: PartyProperty) -> RESTRequest {
        RESTRequest(
            .patch, session(id), headers: [Self.nameFilter],
            body: .json { json in
                switch property {
                case .name(let name): json.field("sessionName", name)
                case .visibility(let visibility): json.field("visibilityType", visibility.rawValue)
                case .joinableBy(let type): json.field("joinableUserType", type.rawValue)
                case .maxMembers(let number): json.field("maxMembers", Int64(number))
                }
            })
    }

    package func leave(_ id: PartyID) -> RESTRequest {
        RESTRequest(.delete, session(id, "/members/me"))
    }

    package func linkedParty(_ link: String) -> RESTRequest {
        let page = "https://party.playstation.com"
        return RESTRequest(
            .get, hosts.web + "/api/cpss/v1/partyInfo/" + URLText.encode(link) + "?country=US&language=en",
            headers: [HeaderField("Origin", page), HeaderField("Referer", page + "/")])
    }

    package func pushAddress(_ dialect: PushDialect) -> RESTRequest {
        let query = URLText.query([
            ("version", dialect.version), ("keepAliveStatusType", dialect.keepAliveType.rawValue),
            ("fields", "keepAliveStatus"),
        ])
        return RESTRequest(.get, hosts.pushLookup + "/np/serveraddr?" + query, timeout: .seconds(10))
    }
}

/// The settings of a new party session (docs/protocol.md, 4.2).
public struct NewParty: Sendable, Equatable {
    /// The name: any text; empty for none.
    public var name = ""
    /// Who can see it.
    public var visibility = Visibility.inviteOnly
    /// Who may join without an invitation.
    public var joinableBy = JoinableUserType.inviteOnly
    /// How many members there may be, 2 to 16.
    public var maxMembers = 16
    /// Whether the account shows as talking.
    public var voice = false
    /// The device id, sent if it is set. The captured client sends none.
    public var deviceID: String?

    /// The settings of the app that was captured: invite only, 16 members, no voice.
    public init() {}
}

/// A setting of a party session with its new value (docs/protocol.md, 4.5).
public enum PartyProperty: Sendable, Equatable {
    /// The name: any text.
    case name(String)
    /// Who can see it.
    case visibility(Visibility)
    /// Who may join without an invitation.
    case joinableBy(JoinableUserType)
    /// How many members there may be, 2 to 16.
    case maxMembers(Int)

    /// The name of the setting for people.
    package var word: String {
        switch self {
        case .name: "name"
        case .visibility: "visibility"
        case .joinableBy: "who may join"
        case .maxMembers: "max-members"
        }
    }
}

/// The version of the push protocol, and the use of the connection (docs/protocol.md, 7.1).
package struct PushDialect: Sendable, Equatable {
    /// `keepAliveStatusType`: what the client does, which decides how often the service wants to hear from it.
    package enum KeepAliveType: String, Sendable {
        case voiceChat = "3"
        case idle = "6"

        /// As a frame has it.
        package var number: Int64 { self == .voiceChat ? 3 : 6 }
    }

    package let version: String
    package var keepAliveType: KeepAliveType
    /// Whether the client sends frames: its status, and a change of the type (docs/protocol.md, 7.3).
    package let hasClientFrames: Bool

    package static let current = PushDialect(version: "3.0", keepAliveType: .idle, hasClientFrames: true)
    package static let older = PushDialect(version: "2.1", keepAliveType: .voiceChat, hasClientFrames: false)

    /// The newer version with that type.
    package static func current(_ type: KeepAliveType) -> PushDialect {
        var dialect = current
        dialect.keepAliveType = type
        return dialect
    }
}

extension RESTRequest.Body {
    /// A compact JSON object; its keys are written in alphabetical order, as the captured client's are.
    /// - Parameter charset: whether the captured client names it in this call (docs/protocol.md, 3.1).
    static func json(
        charset: Bool = true, isSecret: Bool = false, _ fields: (inout JSONWriter) -> Void
    ) -> Self {
        Self(
            JSONWriter.text { json in json.object { json in fields(&json) } },
            contentType: charset ? "application/json; charset=utf-8" : "application/json", isSecret: isSecret)
    }
}

extension JSONWriter {
    /// The one captured shape of a membership; others were refused (docs/protocol.md, 4.7).
    fileprivate mutating func ownMembership(context: ContextID, voice: Bool, deviceID: String?) {
        array("members", [context]) { json, context in
            json.object { json in
                json.field("accountId", "me")
                json.field("customData4", CustomData.initialState)
                if let deviceID { json.field("deviceUniqueId", deviceID) }
                json.field("platform", "me")
                json.array("pushContexts", [context]) { json, context in
                    json.object { json in json.field("contextId", context.text) }
                }
                json.field("voiceChatActivated", voice)
            }
        }
    }
}
