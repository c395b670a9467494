import PartyCore
import Testing

struct PartyReferenceTests {
    private static let link = "abcdefghij_LMNOPQRST-2"
    private static let uuid = "11111111-2222-4333-8444-555555555555"

    @Test(arguments: [
        "https://party.playstation.com/", "http://party.playstation.com/", "party.playstation.com/",
        "HTTPS://Party.PlayStation.com/", "PARTY.PLAYSTATION.COM/", "",
    ])
    func `a link may come with or without a scheme`(_ start: String) {
        #expect(PartyReference(start + Self.link) == .link(Self.link))
    }

    @Test(arguments: ["/", "?", "?lang=en", "/?lang=en&x=/", "#top", "/#", "?a=b#c"])
    func `a link may end in a slash, a query or a fragment`(_ end: String) {
        #expect(PartyReference("https://party.playstation.com/" + Self.link + end) == .link(Self.link))
    }

    @Test(arguments: [
        ("--------------------A-", true), ("_-_-_-_-_-_-_-_-", true), ("-bcdefghijklmnopqrstuv", true),
        (String(repeating: "a", count: 15), false), (String(repeating: "a", count: 16), true),
        (String(repeating: "a", count: 24), true), (String(repeating: "a", count: 25), false),
    ])
    func `a link id has 16 to 24 characters of base64url`(_ id: String, _ isLink: Bool) {
        #expect((PartyReference(id) == .link(id)) == isLink)
        #expect((PartyReference("https://party.playstation.com/" + id) == .link(id)) == isLink)
    }

    @Test func `an id is a UUID, in lower case`() {
        #expect(PartyReference(Self.uuid) == .id(PartyID(Self.uuid)))
        #expect(
            PartyReference("ABCDEF01-ABCD-4ABC-8ABC-ABCDEFABCDEF")
                == .id(PartyID("abcdef01-abcd-4abc-8abc-abcdefabcdef")))
    }

    @Test func `current is the party this profile is in`() {
        #expect(PartyReference("current") == .current)
        #expect(PartyReference("Current") == nil)
    }

    @Test(arguments: [
        "", " ", "-", "\n", "me", link + "\n", "\n" + link, link + " ", " " + link, link + "/", link + "?x",
        "https://party.playstation.com/", "https://party.playstation.com", "https://party.playstation.com//" + link,
        "https://party.playstation.com/" + link + "//", "https://party.playstation.com/x/" + link,
        "https://party.playstation.com/" + link + "\n", "https://party.playstation.com/" + link + "%2F",
        "https://party.playstation.com.evil.example/" + link, "https://evil.example/" + link,
        "https://evil.example/party.playstation.com/" + link, "https://x@party.playstation.com/" + link,
        "https://party.playstation.com:443/" + link, "ftp://party.playstation.com/" + link, "https://" + link,
        "https:///" + link, "https://http://party.playstation.com/" + link, "abcdefghijklmnopqr+/==",
        "\u{E9}bcdefghijklmnopqrst",
        "https://party.playstation.com/" + uuid, uuid + "\n", "{" + uuid + "}",
    ])
    func `other texts name no party`(_ text: String) {
        #expect(PartyReference(text) == nil)
    }

    @Test(arguments: [
        (uuid, true), ("ABCDEF01-abcd-4ABC-8abc-ABCDEFabcdef", true), ("00000000-0000-0000-0000-000000000000", true),
        ("", false), ("11111111222243338444555555555555", false), ("g1111111-2222-4333-8444-555555555555", false),
        ("11111111-2222-4333-8444-55555555555", false), ("11111111-2222-4333-8444-5555555555555", false),
        ("1111111-12222-4333-8444-555555555555", false), (uuid + "-", false), ("-" + uuid, false), (uuid + "\n", false),
        ("\u{FF11}11111-2222-4333-8444-555555555555", false), ("11111111_2222_4333_8444_555555555555", false),
    ])
    func `a UUID has 8-4-4-4-12 hexadecimal digits`(_ text: String, _ expected: Bool) {
        #expect(isUUID(text) == expected)
    }
}
