import PartyCore
import Testing

struct SessionPayloadTests {
    private static let full = #"""
        {"sessionId":"S","sessionName":"Friday","sessionType":"ROOM","createdTimestamp":"1700000000000","maxMembers":16,
         "visibilityType":"INVITE_ONLY","joinableUserType":"FRIENDS","partyJoinable":true,
         "owner":{"accountId":"1000000000000000001","onlineId":"psparty-user-a","platform":"PS5"},
         "members":[{"accountId":"1000000000000000001","platform":"PS5","joinTimestamp":"1700000000000","joinOrder":1},
                    {"platform":"PS4"},
                    {"accountId":"1000000000000000001","platform":"MOBILE_APP","voiceChatActivated":false}]}
        """#

    private static var session: PartySession {
        let created = Timestamp(milliseconds: 1_700_000_000_000)
        return PartySession(
            id: PartyID("S"), name: "Friday", visibility: .inviteOnly, joinableBy: .friends, maxMembers: 16,
            joinable: true, createdAt: created,
            // The owner has identity fields only; the roster has the rest.
            owner: Member(
                accountID: alice, onlineID: "psparty-user-a", platform: .ps5, joinOrder: 1, joinedAt: created),
            members: [
                Member(accountID: alice, platform: .ps5, joinOrder: 1, joinedAt: created),
                Member(accountID: alice, platform: .mobileApp, voice: false),
            ])
    }

    @Test(arguments: ["v2PartySessions", "partySessions"])
    func `a session is read under either wrapper key`(_ key: String) throws {
        let body = Array(#"{"\#(key)":[\#(Self.full),{"partySessionId":"T"},{"sessionId":""},{},5]}"#.utf8)
        #expect(try SessionPayload.sessions(in: body) == [Self.session, PartySession(id: PartyID("T"))])
    }

    @Test func `the visible parties are under another key`() throws {
        #expect(try SessionPayload.visibleParties(in: Array(#"{"parties":[\#(Self.full)]}"#.utf8)) == [Self.session])
        #expect(try SessionPayload.visibleParties(in: Array(#"{"parties":[]}"#.utf8)).isEmpty)
    }

    @Test(arguments: ["", "{}", "[]", #"{"v3PartySessions":[]}"#, "<html>"])
    func `a response without a list is refused`(_ body: String) {
        #expect(throws: CodecError.self) { try SessionPayload.sessions(in: Array(body.utf8)) }
        #expect(throws: CodecError.self) { try SessionPayload.visibleParties(in: Array(body.utf8)) }
        #expect(throws: CodecError.self) { try SessionPayload.linkedParty(in: Array(body.utf8)) }
    }

    @Test func `the party of a link is read with its join rules`() throws {
        let body = #"{"sessionId":"S","isJoinable":true,"joinableFrom":["PS4","MOBILE_APP",5],"members":[]}"#
        let linked = try SessionPayload.linkedParty(in: Array(body.utf8))
        #expect(linked.id == PartyID("S"))
        #expect(linked.isJoinable == true)
        #expect(linked.joinableFrom == [.ps4, .mobileApp])
        let bare = try SessionPayload.linkedParty(in: Array(#"{"sessionId":"S"}"#.utf8))
        #expect(bare.isJoinable == nil)
        #expect(bare.joinableFrom == nil)
        #expect(throws: CodecError.self) { try SessionPayload.linkedParty(in: Array(#"{"sessionId":""}"#.utf8)) }
    }

    @Test func `an account is a member with any of its devices`() {
        #expect(Self.session.hasMember(alice))
        #expect(!Self.session.hasMember(bob))
    }

    @Test func `the initial state is the captured one`() {
        #expect(CustomData.initialState == "WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0=")
    }
}
