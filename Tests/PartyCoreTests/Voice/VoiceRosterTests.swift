import Testing

@testable import PartyCore

struct VoiceRosterTests {
    private let me = VoiceSample.me
    private let bob = VoiceSample.smaller
    private let cid = VoiceSample.larger

    private func look(_ endpoints: [PartyCore.Signal.Endpoint]) -> PartyLook {
        let members = endpoints.map { Member(accountID: $0.accountID, platform: $0.platform) }
        return PartyLook(party: PartySession(id: PartyID("P"), members: members), bridges: [], askedAt: .zero)
    }

    @Test func `who left before the stream was ready is missing in the next look-up`() {
        var roster = VoiceRoster(me: me)
        let found = roster.begin(with: look([me, bob, cid]))
        #expect(found == [bob, cid] && !roster.isConfirmed)
        var comparison = roster.compare(with: look([me, cid]))
        #expect(comparison == .members(gone: [bob], present: [cid]) && roster.isConfirmed)
        // Later only events tell who leaves: a look-up may be older than they are.
        comparison = roster.compare(with: look([me]))
        #expect(comparison == .members(gone: [], present: []))
    }

    @Test func `a member whose joining is told meanwhile is not taken for gone`() {
        var roster = VoiceRoster(me: me)
        _ = roster.begin(with: look([me, bob]))
        let joined = roster.join([Member(accountID: bob.accountID, platform: bob.platform)])
        #expect(joined == [bob])
        let comparison = roster.compare(with: look([me]))
        #expect(comparison == .members(gone: [], present: []))
    }

    @Test func `a look-up without the own device compares nothing`() {
        var roster = VoiceRoster(me: me)
        _ = roster.begin(with: look([me, bob]))
        let comparison = roster.compare(with: look([bob]))
        #expect(comparison == .withoutUs && !roster.isConfirmed)
    }

    @Test func `a departure without a platform is that of all devices of the account`() {
        let roster = VoiceRoster(me: me)
        let console = PartyCore.Signal.Endpoint(accountID: bob.accountID, platform: .ps4)
        let all = roster.leave(Member(accountID: bob.accountID, platform: nil), of: [bob, console, cid])
        #expect(all.gone == [bob, console] && !all.isOurs)
        let one = roster.leave(Member(accountID: bob.accountID, platform: .ps4), of: [bob, console, cid])
        #expect(one.gone == [console] && !one.isOurs)
        let unknown = roster.leave(Member(accountID: bob.accountID, platform: .ps4), of: [cid])
        #expect(unknown.gone == [console])
    }

    @Test func `our own departure is that of this device, or of the account where it has no other`() {
        let roster = VoiceRoster(me: me)
        let console = PartyCore.Signal.Endpoint(accountID: me.accountID, platform: .ps5)
        #expect(roster.leave(Member(accountID: me.accountID, platform: me.platform), of: [console]).isOurs)
        #expect(!roster.leave(Member(accountID: me.accountID, platform: .ps5), of: [console]).isOurs)
        #expect(roster.leave(Member(accountID: me.accountID, platform: nil), of: [bob]).isOurs)
        #expect(!roster.leave(Member(accountID: me.accountID, platform: nil), of: [console]).isOurs)
    }
}
