import Foundation
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

/// `PartyEnvironment.live(profile:)`: its environment variables.
@Suite struct LiveProfileTests {
    @Test func `the state folder comes from the variables, in psparty's order`() async throws {
        let scratch = try ScratchFolder()
        let own = ["PSPARTY_STATE_HOME": scratch("own")]
        let shared = ["XDG_STATE_HOME": scratch("shared")]
        let home = ["HOME": scratch("home")]
        for (variables, folder) in [
            (own.merging(shared) { $1 }.merging(home) { $1 }, "own"), (shared.merging(home) { $1 }, "shared/psparty"),
            (home, "home/.local/state/psparty"),
            (home.merging(["XDG_STATE_HOME": "relative"]) { $1 }, "home/.local/state/psparty"),
        ] {
            let environment = try PartyEnvironment.live(profile: "bob", variables: variables)
            try environment.store.save(.friends, Array(folder.utf8))
            let path = scratch(folder + "/profiles/bob/friends.json")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == folder)
            try FileManager.default.removeItem(atPath: scratch(folder))
        }
    }

    @Test func `settings come from the variables`() throws {
        let environment = try PartyEnvironment.live(variables: [
            "PSPARTY_PROFILE": "bob", "PSPARTY_SERVER": "https://192.0.2.1:8443", "PSPARTY_CLIENT_ID": "client",
            "PSPARTY_CLIENT_SECRET": "secret", "PSPARTY_CA_FILE": "",
        ])
        #expect(environment.settings.profile == "bob")
        #expect(environment.settings.hosts == ServiceHosts(origin: "https://192.0.2.1:8443"))
        #expect(environment.settings.oauthClient == OAuthClient(id: "client", secret: Redacted("secret")))
        #expect(environment.settings.accessToken == nil)
        #expect(
            try PartyEnvironment.live(profile: "carol", variables: ["PSPARTY_PROFILE": "bob"]).settings.profile
                == "carol")
        #expect(try PartyEnvironment.live(variables: [:]).settings.profile == "default")
    }

    @Test func `tokens go only to the server that issued them`() async throws {
        let scratch = try ScratchFolder()
        let variables = ["HOME": scratch.path, "PSPARTY_SERVER": "https://192.0.2.1"]
        let there = try PartyEnvironment.live(variables: variables)
        let credentials = Credentials(
            origin: ServiceOrigin("https://192.0.2.2"), accessToken: Redacted("a"), refreshToken: nil,
            issuedAt: there.clock.now(), expiresAt: there.clock.now().advanced(by: .seconds(3600)),
            refreshExpiresAt: nil,
            accountID: AccountID(1_000_000_000_000_000_001), onlineID: nil)
        try there.store.save(.credentials, CredentialsFile.encode(credentials))
        let error = await #expect(throws: PartyError.self) { try await PartyClient(there).accessToken() }
        #expect(error?.kind == .signIn)
    }

    @Test(arguments: ["a/b", "", ".x"]) func `a profile name that is not a file name is refused`(profile: String) {
        #expect(throws: PartyError.self) { try PartyEnvironment.live(profile: profile, variables: ["HOME": "/tmp"]) }
    }

    @Test(arguments: ["192.0.2.1", "http://192.0.2.1", "https://192.0.2.1/path"])
    func `an invalid server is refused`(server: String) {
        let error = #expect(throws: PartyError.self) {
            try PartyEnvironment.live(variables: ["PSPARTY_SERVER": server])
        }
        #expect(error?.kind == .configuration && error?.message.contains("PSPARTY_SERVER") == true)
    }

    @Test func `a recording is written and read with public calls`() async throws {
        let scratch = try ScratchFolder()
        let file = try RecordingFile(
            scratch("run.ndjson"), account: AccountID(1_000_000_000_000_000_001), startedAt: Timestamp(milliseconds: 0))
        let frame = #"{"method":3001,"dataType":"x","body":{"data":{"n":1}}}"#
        var options = PartyFeed.Options()
        options.record(to: file)
        options.record?(StreamRecord(.frames([Array(frame.utf8)]), connection: 1, time: Timestamp(milliseconds: 1)))
        await file.waitUntilWritten()
        var events: [StreamEvent] = []
        try RecordingFile.read(scratch("run.ndjson")) { events += $0 }
        #expect(events.count == 1)
        guard case .party(let event)? = events.first?.content, let data = event.data else {
            Issue.record("no event of a party")
            return
        }
        #expect(try JSONDocument(data).root["n"]?.integer == 1)
        #expect(throws: PartyError.self) { try RecordingFile.read(scratch("none")) { _ in } }
        try scratch.write("no recording\n", to: "bad")
        let error = #expect(throws: PartyError.self) { try RecordingFile.read(scratch("bad")) { _ in } }
        #expect(error?.kind == .badData)
    }
}
