import PartyCore
import Testing

struct EndpointsTests {
    private static let endpoints = Endpoints(ServiceHosts())
    private static let sessions = "https://m.np.playstation.com/api/sessionManager/v2/partySessions"
    private static let context = ContextID("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")
    private static let json = "application/json; charset=utf-8"
    private static let state = "WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0="

    private static func membership(voice: Bool) -> String {
        #""members":[{"accountId":"me","customData4":"\#(state)","platform":"me","#
            + #""pushContexts":[{"contextId":"\#(context)"}],"voiceChatActivated":\#(voice)}]"#
    }

    private static func expect(
        _ request: RESTRequest, _ method: RESTRequest.Method, _ url: String, headers: [String] = [],
        body: String? = nil, contentType: String = json, isSecret: Bool = false,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(request.method == method, sourceLocation: location)
        #expect(request.url == url, sourceLocation: location)
        #expect(request.headers.map(\.description) == headers, sourceLocation: location)
        #expect(request.body.map { text($0.bytes) } == body, sourceLocation: location)
        #expect(request.body?.contentType == body.map { _ in contentType }, sourceLocation: location)
        #expect((request.body?.isSecret ?? false) == isSecret, sourceLocation: location)
    }

    @Test func `create sends the captured body`() {
        var settings = NewParty()
        settings.voice = true
        Self.expect(
            Self.endpoints.create(settings, context: Self.context), .post, Self.sessions,
            headers: ["X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE: en-US"],
            body: #"{"v2PartySessions":[{"joinableUserType":"INVITE_ONLY","maxMembers":16,"#
                + Self.membership(voice: true)
                + #","sessionName":"","sessionType":"ROOM","visibilityType":"INVITE_ONLY"}]}"#)
    }

    @Test func `create sends the given settings`() throws {
        var settings = NewParty()
        settings.name = "a/b \"c\"\n\u{1F600}"
        settings.visibility = .friends
        settings.joinableBy = .friends
        settings.maxMembers = 2
        let body = try #require(Self.endpoints.create(settings, context: Self.context).body)
        #expect(
            text(body.bytes)
                == #"{"v2PartySessions":[{"joinableUserType":"FRIENDS","maxMembers":2,"# + Self.membership(voice: false)
                + #","sessionName":"a/b \"c\"\n"# + "\u{1F600}"
                + #"","sessionType":"ROOM","visibilityType":"FRIENDS_ONLY"}]}"#)
    }

    @Test func `look-up names the party in a header`() {
        Self.expect(
            Self.endpoints.lookUp(partyID), .get, Self.sessions + "?view=v3",
            headers: ["X-PSN-SESSION-MANAGER-SESSION-IDS: 11111111-2222-4333-8444-555555555555"])
    }

    @Test func `the list may name parties to include`() {
        let url = "https://m.np.playstation.com/api/sessionManager/v2/sys/gameBase/parties/bulkGet?limit=11"
        Self.expect(
            Self.endpoints.visibleParties(including: []), .post, url, body: #"{"groupInvitedPartySessions":[]}"#,
            contentType: "application/json")
        Self.expect(
            Self.endpoints.visibleParties(including: [partyID, PartyID("T")]), .post, url,
            body: #"{"groupInvitedPartySessions":["11111111-2222-4333-8444-555555555555","T"]}"#,
            contentType: "application/json")
    }

    @Test func `join sends the captured membership, and the link if there is one`() {
        let url = Self.sessions + "/11111111-2222-4333-8444-555555555555/members"
        Self.expect(
            Self.endpoints.join(partyID, by: nil, context: Self.context, voice: false), .post, url,
            body: "{" + Self.membership(voice: false) + "}")
        Self.expect(
            Self.endpoints.join(partyID, by: "abcdefghij_LMNOPQRST-2", context: Self.context, voice: true), .post, url,
            headers: ["X-PSN-SESSION-MANAGER-CPSS-ID: abcdefghij_LMNOPQRST-2"],
            body: "{" + Self.membership(voice: true) + "}")
    }

    @Test func `after a join the state is confirmed`() {
        Self.expect(
            Self.endpoints.confirmMembership(partyID), .patch,
            Self.sessions + "/11111111-2222-4333-8444-555555555555/members/me",
            body: #"{"customData4":"\#(Self.state)"}"#)
    }

    @Test func `leave has no body`() {
        Self.expect(
            Self.endpoints.leave(partyID), .delete, Self.sessions + "/11111111-2222-4333-8444-555555555555/members/me")
    }

    @Test func `an id that is no UUID stays within its path segment`() {
        let url = Self.endpoints.leave(PartyID("../x?y#z\r\n")).url
        #expect(url == Self.sessions + "/..%2Fx%3Fy%23z%0D%0A/members/me")
    }

    @Test func `a link is looked up like the web page does`() {
        Self.expect(
            Self.endpoints.linkedParty("abcdefghij_LMNOPQRST-2"), .get,
            "https://web.np.playstation.com/api/cpss/v1/partyInfo/abcdefghij_LMNOPQRST-2?country=US&language=en",
            headers: ["Origin: https://party.playstation.com", "Referer: https://party.playstation.com/"])
    }

    @Test func `a profile is asked for by account`() {
        Self.expect(
            Self.endpoints.profile(of: AccountID(.max)), .get,
            "https://m.np.playstation.com/api/userProfile/v1/internal/users/18446744073709551615/profiles")
    }

    @Test(arguments: [(PushDialect.current, "3.0", "6"), (.current(.voiceChat), "3.0", "3"), (.older, "2.1", "3")])
    func `the push address is asked for in either dialect`(_ dialect: PushDialect, _ version: String, _ type: String) {
        let request = Self.endpoints.pushAddress(dialect)
        Self.expect(
            request, .get,
            "https://mobile-pushcl.np.communication.playstation.net/np/serveraddr?version=\(version)"
                + "&keepAliveStatusType=\(type)&fields=keepAliveStatus")
        #expect(request.timeout == .seconds(10))
    }

    @Test func `requests have the documented timeouts`() {
        let request = Self.endpoints.lookUp(partyID)
        #expect(request.connectTimeout == .seconds(10))
        #expect(request.timeout == .seconds(30))
    }

    @Test func `another origin keeps the paths`() throws {
        let endpoints = Endpoints(try #require(ServiceHosts(origin: "https://192.0.2.1:8443")))
        let base = "https://192.0.2.1:8443"
        #expect(endpoints.lookUp(partyID).url == base + "/api/sessionManager/v2/partySessions?view=v3")
        #expect(endpoints.linkedParty("x").url == base + "/api/cpss/v1/partyInfo/x?country=US&language=en")
        #expect(endpoints.pushAddress(.current).url.hasPrefix(base + "/np/serveraddr?"))
    }
}
