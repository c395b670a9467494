import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Profiles on a real disk: separation, and files that cannot be trusted, read or written.
@Suite struct ProfileTests {
    private static let tokens = "state/profiles/default/credentials.json"

    @Test func `each profile has its own tokens, device and party, also on a path with blanks and umlauts`()
        async throws
    {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder, below: "Ünter Ordner")
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let id = await harness.run("create").stdout
        #expect(await harness.run("--profile", "bob", "show").status == 3)
        #expect(await harness.run("show", "--profile", "bob").status == 3)
        #expect(await harness.run("whoami", "--profile=bob").stdout == "psparty-user-b\n")
        #expect(await harness.run("whoami", variables: ["PSPARTY_PROFILE": "bob"]).stdout == "psparty-user-b\n")
        #expect(await harness.run("join", "-", "--profile", "bob", input: [String(id.dropLast())]).stdout == id)
        #expect(await harness.run("leave").status == 0)
        #expect(await harness.run("show").status == 3)
        #expect(await harness.run("show", "--profile", "bob").status == 0)
        #expect(try folder.names().contains("Ünter Ordner/state/profiles/bob/device.json"))
        let bob = harness.world.account(1).folderName
        for name in ["default/credentials.json", "bob/\(bob)/current.json"] {
            #expect(try folder.permissions()["Ünter Ordner/state/profiles/" + name] == 0o600)
        }
        for name in ["state", "state/profiles/bob", "state/profiles/bob/\(bob)"] {
            #expect(try folder.permissions()["Ünter Ordner/" + name] == 0o700)
        }
        #expect(await harness.run("logout", "--profile", "bob").status == 0)
        #expect(await harness.run("whoami").status == 0)
    }

    @Test func `with PSPARTY_ACCESS_TOKEN no file is needed, and one notice names what is not saved`()
        async throws
    {
        let harness = CommandHarness()
        await harness.signIn()
        let token = String(await harness.run("token").stdout.dropLast())
        let folder = try ScratchFolder()
        try folder.put("", "home")
        // A file where the folder should be: nothing can be made below it, not even by root.
        let homes = [
            ["PSPARTY_STATE_HOME": folder("home/state")],
            ["PSPARTY_STATE_HOME": "", "HOME": "", "XDG_STATE_HOME": ""],
        ]
        for home in homes {
            let user = CommandHarness(service: harness.world.service, clock: harness.world.clock, folder: folder)
            let variables = home.merging(["PSPARTY_ACCESS_TOKEN": token]) { $1 }
            let created = await user.run("create", variables: variables)
            #expect(created.status == 0)
            #expect(created.stderr.hasPrefix("psparty: the party is not remembered as current: "))
            #expect(created.stderr.split(separator: "\n").count == 1)
            let id = String(created.stdout.dropLast())
            #expect(await user.run("join", id, "--quiet", variables: variables).stderr.isEmpty)
            #expect(await user.run("list", variables: variables).stdout.contains(id))
            #expect(await user.run("token", variables: variables).stdout == token + "\n")
            let left = await user.run("leave", id, variables: variables)
            #expect(left.status == 0 && left.stdout == id + "\n")
            #expect(await user.run("show", variables: variables).status == 3)
            for command in ["login", "logout"] {
                let refused = await user.run(command, variables: variables)
                #expect(refused.status == 78)
                #expect(refused.stderr.contains("PSPARTY_ACCESS_TOKEN"))
            }
        }
        #expect(try folder.names() == ["home"])
    }

    @Test func `without HOME a login fails and says why`() async throws {
        let harness = CommandHarness(folder: try ScratchFolder())
        let result = await harness.run(
            "login", "--npsso", "-", input: [harness.world.service.accounts[0].npsso],
            variables: ["PSPARTY_STATE_HOME": "", "HOME": "", "XDG_STATE_HOME": ""])
        #expect(result.status == 70)
        #expect(result.stderr.contains("PSPARTY_STATE_HOME"))
    }

    @Test func `a token file that others can read is refused with a hint`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        await harness.signIn()
        for mode in [0o644, 0o640, 0o602] {
            try folder.setMode(Self.tokens, to: mode)
            let result = await harness.run("whoami")
            #expect(result.status == 70)
            #expect(
                result.stderr.contains(
                    "can be read by others; close it with: chmod 600 '\(folder(Self.tokens))'"))
        }
        try folder.setMode(Self.tokens, to: 0o600)
        #expect(await harness.run("whoami").status == 0)
    }

    @Test(arguments: [
        ("", "cannot be read"), ("{\"version\":1,\"accou", "cannot be read"),
        ("{\"version\":2}", "its version is not 1"), ("{\"version\":1}", "a field is missing"),
    ])
    func `a damaged token file asks for a sign-in, which repairs it`(text: String, words: String)
        async throws
    {
        let folder = try ScratchFolder()
        try folder.put(text, Self.tokens)
        let harness = CommandHarness(folder: folder)
        let result = await harness.run("whoami")
        #expect(result.status == 70)
        #expect(result.stderr.contains(words) && result.stderr.contains("hint: sign in again with `psparty login`"))
        await harness.signIn()
        #expect(await harness.run("whoami").stdout == "psparty-user-a\n")
    }
}
