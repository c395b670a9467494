import ArgumentParser
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Secrets with the white space that env files, shells and secret stores add.
struct SecretSettingsTests {
    private static let secret = "s3cret-value-1"

    private static func configuration(
        _ variables: [String: String] = [:], _ text: String = ""
    ) throws -> Configuration {
        let entries = try ConfigText(text).entries()
        return try Configuration(options: try GlobalOptions.parse([]), variables: variables, entries: entries)
    }

    @Test(arguments: ["", "\n", "\r", "\r\n", " ", "\t\n"])
    func `line ends and white space around a secret are ignored`(_ end: String) throws {
        let configuration = try Self.configuration([
            "PSPARTY_ACCESS_TOKEN": Self.secret + end, "PSPARTY_CLIENT_ID": "id",
            "PSPARTY_CLIENT_SECRET": end + Self.secret + end,
        ])
        let marked = try Self.configuration(["PSPARTY_ACCESS_TOKEN": "\u{FEFF}" + Self.secret + end])
        #expect(marked.settings.accessToken?.reveal() == Self.secret, "as a file with a byte order mark hands it on")
        #expect(configuration.settings.accessToken?.reveal() == Self.secret)
        #expect(configuration.settings.oauthClient?.secret.reveal() == Self.secret)
        let blank = try Self.configuration(["PSPARTY_ACCESS_TOKEN": end, "PSPARTY_CLIENT_SECRET": end])
        #expect(blank.settings.accessToken == nil)
        #expect(blank.settings.oauthClient == nil)
    }

    private static let odd = [
        "\"\(secret)\"", "'\(secret)'", "Bearer \(secret)", "bearer \(secret)", "Basic \(secret)", "a\u{7}\(secret)",
        "a\r\n\(secret)", "a \(secret)", "\u{E9}\(secret)", "\u{201C}\(secret)\u{201D}", "a\"\(secret)",
    ]

    @Test(arguments: odd)
    func `an invalid secret is refused with the variable's name, not its value`(_ value: String) {
        for name in ["PSPARTY_ACCESS_TOKEN", "PSPARTY_CLIENT_SECRET", "PSPARTY_CLIENT_ID"] {
            let error = #expect(throws: PartyError.self) { _ = try Self.configuration([name: value]) }
            #expect(error?.kind == .configuration)
            #expect(error?.message.hasPrefix("\(name): ") == true)
            #expect(error?.message.contains(Self.secret) == false)
            #expect(error?.hint?.contains(Self.secret) != true)
        }
    }

    @Test func `an invalid secret in the config file is refused with its line`() throws {
        let problem = #expect(throws: ConfigText.Problem.self) {
            _ = try ConfigText("client-secret = \"Bearer x\"").entries()
        }
        #expect(problem?.words.problem == "client-secret: the value begins with Bearer")
        let entries = try ConfigText("client-secret = \" \(Self.secret) \"\nscope = \"\"").entries()
        #expect(entries.map(\.value) == [Redacted(Self.secret)])
    }

    @Test func `an NPSSO variable is trimmed, and an invalid one is refused by name`() async {
        let harness = CommandHarness()
        let npsso = harness.world.service.accounts[0].npsso
        for value in [npsso + "\r\n", "{\n\"npsso\": \"\(npsso)\"\n}\n", "npsso=\(npsso)"] {
            let result = await harness.run("login", variables: ["PSPARTY_NPSSO": value])
            #expect(result == CommandResult(stdout: "psparty-user-a\n", stderr: "", status: 0))
        }
        let refused = await harness.run("login", variables: ["PSPARTY_NPSSO": "Bearer " + npsso])
        #expect(refused.status == 78)
        #expect(refused.stderr.contains("PSPARTY_NPSSO is invalid"))
        #expect(!refused.stderr.contains(npsso))
    }

    @Test func `a line end in the client id is reported with the value`() {
        let error = #expect(throws: PartyError.self) { _ = try Self.configuration(["PSPARTY_CLIENT_ID": "id\r"]) }
        #expect(error?.message.hasPrefix("PSPARTY_CLIENT_ID: ") == true)
    }
}
