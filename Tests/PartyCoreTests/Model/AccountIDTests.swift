import PartyCore
import Testing

struct AccountIDTests {
    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("1000000000000000001", 1_000_000_000_000_000_001), ("18446744073709551615", .max),
            ("007", 7),
        ] as [(String, UInt64)])
    func `decimal digits are an account`(_ text: String, _ number: UInt64) throws {
        let account = try #require(AccountID(text))
        #expect(account.number == number)
        #expect(account.description == String(number))
    }

    @Test(arguments: [
        "", " ", "18446744073709551616", "+1", "-1", "1.0", "1e3", "1 ", " 1", "0x1", "1_000", "\u{0661}", "1\u{301}",
        "me",
    ])
    func `other texts are not account ids`(_ text: String) {
        #expect(AccountID(text) == nil)
    }

    @Test func `accounts are ordered as unsigned numbers`() {
        #expect([AccountID(.max), bob, AccountID(9), alice].sorted() == [AccountID(9), alice, bob, AccountID(.max)])
    }
}
