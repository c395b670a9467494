import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct DryRunTests {
    @Test func `a dry run prints commands, sends no change and saves no state`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let before = harness.store().items
        let result = await harness.run("--dry-run", "create", "--name", "It's $HOME `x`", "--invite", "psparty-user-b")
        #expect(result.status == 0)
        expectGolden(result.stdout, "dry-run.create.txt")
        #expect(
            harness.store().items.filter { $0.key.name != "budget.json" }
                == before.filter { $0.key.name != "budget.json" })
        #expect(
            await harness.world.service.requests().allSatisfy { $0.method == "GET" || $0.target.contains("/oauth/") })
    }

    @Test func `a dry run prints no secret`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let token = String(await harness.run("token").stdout.dropLast())
        for words in [
            ["create"], ["join", "11111111-2222-4333-8444-555555555555"],
            ["leave", "11111111-2222-4333-8444-555555555555"],
        ] {
            let text = await harness.run(words + ["--dry-run"]).stdout
            #expect(text.contains("Bearer $(psparty token)"))
            #expect(!text.contains(token))
        }
        #expect(await harness.run("login", "--dry-run", "--npsso", "-").status == 64)
        #expect(await harness.run("logout", "--dry-run").status == 64)
        #expect(await harness.run("whoami").status == 0)
    }

    /// The commands that change something, each with the arguments of a dry run.
    private static func dryRuns(_ party: String) -> [[String]] {
        [
            ["create", "--name", "a'b \"c\" $d\n\\e", "--visibility", "friends", "--device-id"],
            ["edit", party, "--name=-n @x", "--max-members", "5"],
            ["invite", "psparty-user-b", "--party", party],
            ["voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-", "--party", party],
            ["leave", party],
            ["api", "POST", "/api/sessionManager/v2/partySessions/\(party)/customMessage", "--data", "-"],
        ]
    }

    @Test func `pasted into a shell, each printed command does the same`() async throws {
        let service = SimulatedService()
        let server = try await LoopbackServer.start(service: service)
        defer { server.stop() }
        let transport = LiveTransport(
            LiveTransportOptions(caFile: server.caFile, environment: [:], userAgent: "psparty/\(Version.number)"))
        let harness = CommandHarness(service: service, clock: ManualClock(isInstant: true))
        let variables = ["PSPARTY_SERVER": server.origin, "PSPARTY_CA_FILE": server.caFile ?? ""]
        func run(_ words: [String], input: [String] = []) async -> CommandResult {
            await harness.run(words, input: input, variables: variables, transport: transport)
        }
        _ = await run(["login", "--npsso", "-"], input: [service.accounts[0].npsso])
        let token = String(await run(["token"]).stdout.dropLast())
        let party = String(await run(["create"]).stdout.dropLast())
        _ = await run(["login", "--npsso", "-", "--profile", "bob"], input: [service.accounts[1].npsso])
        _ = await run(["join", party, "--profile", "bob"])
        for words in Self.dryRuns(party) {
            let inputs = ["api": [#"{"channel":"x"}"#], "voice": ["v=0\r", "a=x:it's $HOME\r"]]
            let input = inputs[words[0]] ?? []
            let script = await run(words + ["--dry-run"], input: input)
            #expect(script.status == 0)
            await service.clearRequests()
            try Shell.run(script.stdout, token: token)
            let pasted = await service.requests().map(Wire.init)
            await service.clearRequests()
            _ = await run(words, input: input)
            let sent = await service.requests().filter { $0.method != "GET" }.map(Wire.init)
            #expect(!pasted.isEmpty)
            #expect(pasted == sent)
        }
    }

    /// The part of a request that must be the same: all but ids that are new in each run.
    private struct Wire: Equatable {
        let method: String
        let target: String
        let headers: [String]
        let body: String

        init(_ request: RecordedRequest) {
            method = request.method
            target = request.target
            let own = ["accept", "accept-encoding", "host", "content-length"]
            headers = request.headers.filter { !own.contains($0.name.lowercased()) }
                .map { "\($0.name.lowercased()): \($0.value)" }.sorted()
            body = String(decoding: request.body, as: UTF8.self)
                .replacing(/aaaaaaaa-bbbb-4ccc-8ddd-[0-9]{12}/, with: "<id>")
        }
    }

    private enum Shell {
        /// Runs the script with `psparty token` as a function, as if psparty were installed.
        static func run(_ script: String, token: String) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "psparty() { printf '%s\\n' '\(token)'; }\n" + script]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }
    }
}
