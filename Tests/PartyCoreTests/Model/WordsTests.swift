import PartyCore
import Testing

struct WordsTests {
    @Test(arguments: [
        ("INVITE_ONLY", "invite-only"), ("FRIENDS_ONLY", "friends"), ("FRIENDS", "friends"), ("ANYONE", "anyone"),
        ("FRIENDS_OF_FRIENDS", "friends-of-friends"), ("", ""), ("_X_", "-x-"), ("camelCase", "camelcase"),
    ])
    func `a visibility is printed as our word, or the service's in kebab case`(_ raw: String, _ word: String) {
        #expect(Visibility(rawValue: raw).word == word)
        #expect(Visibility(rawValue: raw).rawValue == raw)
    }

    @Test(arguments: [
        ("INVITE_ONLY", "invite-only"), ("FRIENDS", "friends"), ("FRIENDS_ONLY", "friends-only"), ("NO_ONE", "no-one"),
    ])
    func `joinability is printed as the service's word in kebab case`(_ raw: String, _ word: String) {
        #expect(JoinableUserType(rawValue: raw).word == word)
    }

    @Test(
        arguments: [
            ("psn:sessionManager:sys:v2:ps:members:created", "ps:members:created"),
            ("psn:sessionManager:sys:pts:members:created", "ps:members:created"),
            ("psn:sessionManager:sys:outside:v2:partySession:deleted", "partySession:deleted"),
            ("psn:sessionManager:sys:outside:pts:x", "ps:x"),
            ("psn:sessionManager:sys:partySession:created", "partySession:created"),
            ("psn:sessionManager:sys:rps:members:created", "rps:members:created"),
            ("psn:sessionManager:sys:v2:outside:x", "outside:x"), ("psn:sessionManager:sys:v2:v2:x", "v2:x"),
            ("psn:sessionManager:sys:", ""), ("psn:sessionManager:sys", nil), ("psn:presence:sys:x", nil), ("", nil),
        ] as [(String, String?)])
    func `the subject of a data type lacks family, audience and version`(_ name: String, _ subject: String?) {
        #expect(DataType(rawValue: name).subject == subject)
        #expect(DataType(rawValue: name).description == name)
    }

    @Test(
        arguments: [
            (Platform.mobileApp, 100_001), (.ps5, 5), (.ps4, nil), (Platform(rawValue: "7"), 7),
            (Platform(rawValue: ""), nil),
        ] as [(Platform, Int64?)])
    func `a platform's number is known or its own name`(_ platform: Platform, _ number: Int64?) {
        #expect(platform.signalNumber == number)
        if let number { #expect(Platform(signalNumber: number) == platform) }
    }
}
