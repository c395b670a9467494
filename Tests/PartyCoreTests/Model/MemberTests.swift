import PartyCore
import Testing

struct MemberTests {
    private static let known = Member(
        accountID: alice, onlineID: "psparty-user-a", platform: .ps5, joinOrder: 1,
        joinedAt: Timestamp(milliseconds: 5),
        voice: true)

    @Test func `newer values replace older ones, and omitted ones are kept`() {
        #expect(Self.known.merging(Member(accountID: alice)) == Self.known)
        let newer = Member(
            accountID: alice, onlineID: "psparty-user-c", platform: .ps4, joinOrder: 2,
            joinedAt: Timestamp(milliseconds: 6),
            voice: false)
        #expect(Self.known.merging(newer) == newer)
        var expected = Self.known
        expected.voice = false
        #expect(Self.known.merging(Member(accountID: alice, voice: false)) == expected)
        #expect(Member(accountID: alice).merging(Self.known) == Self.known)
    }

    @Test func `a member is known by account and device together`() {
        var other = Self.known
        other.onlineID = nil
        #expect(other.key == Self.known.key)
        other.platform = .mobileApp
        #expect(other.key != Self.known.key)
        other = Self.known
        other.accountID = bob
        #expect(other.key != Self.known.key)
    }
}
