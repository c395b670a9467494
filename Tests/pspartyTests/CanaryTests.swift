import ArgumentParser
import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// No secret reaches standard error, a result or a file where it does not belong: not with `-vv`, and not in a failure.
@Suite(.timeLimit(.minutes(5))) struct CanaryTests {
    /// The runs of a command. A new command needs a row here, or the test fails.
    struct Run: Sendable {
        var arguments: [String] = []
        var input: [String] = []
        /// The purpose of the command is to print the secret or the response of the service.
        var mayPrintSecrets = false
    }

    private static let party = "11111111-2222-4333-8444-555555555555"

    private static func runs(_ harness: CommandHarness) -> [String: [Run]] {
        let npsso = harness.world.service.accounts[0].npsso
        let link = "https://party.playstation.com/-aaaaaaaaaaaaaaaaaaaaa"
        let sdp = ["v=0\r", "a=ice-pwd:canary-typed-0001\r"]
        let stream = ["--count", "3", "--max-reconnect", "1"]
        let planted = String(decoding: Canaries.body, as: UTF8.self)
        let frame = #"{"method":3001,"dataType":"x","body":{"data":\#(planted)}}"#
        let recorded = [#"{"time":"2026-01-01T00:00:00.000Z","connection":1,"frame":\#(frame)}"#]
        return [
            "login": [
                Run(arguments: ["--npsso", "-"], input: [npsso]), Run(input: []),
                Run(arguments: ["--code", "-"], input: ["v3.canary"]),
                Run(
                    arguments: ["--code", "-"],
                    input: ["com.scee.psxandroid.scecompcall://redirect/?code=v3.canary&cid=\(party)"]),
            ],
            "logout": [Run()], "whoami": [Run()],
            "token": [Run(mayPrintSecrets: true)],
            "create": [
                Run(arguments: ["--name", "Friday"]), Run(arguments: ["--device-id"]), Run(arguments: ["--dry-run"]),
                Run(arguments: ["--listen", "--leave"] + stream, mayPrintSecrets: true),
            ],
            "edit": [Run(arguments: ["--name", "Saturday"])],
            "invite": [Run(arguments: ["psparty-user-b", "1000000000000000003"])],
            "invitations": [Run()], "link": [Run()], "friends": [Run()],
            "api": [
                Run(
                    arguments: ["GET", "/api/sessionManager/v2/users/me/partySessionsInvitations"],
                    mayPrintSecrets: true),
                Run(
                    arguments: ["POST", "/api/x?code=canary-argument", "--data", "-"],
                    input: [#"{"bridgeToken":"canary-typed"}"#], mayPrintSecrets: true),
            ],
            "config get": [Run(arguments: ["server"]), Run(arguments: ["client-secret"], mayPrintSecrets: true)],
            "config set": [
                Run(arguments: ["client-secret", "-", "--dry-run"], input: ["canary-typed"]),
                Run(arguments: ["server", "https://canary.example", "--dry-run"]),
            ],
            "config unset": [Run(arguments: ["client-secret", "--dry-run"])],
            "config list": [Run()], "config path": [Run()],
            "completions": [Run(arguments: ["bash"])], "help": [Run(arguments: ["login"])], "doctor": [Run()],
            "list": [Run()],
            "show": [
                Run(), Run(arguments: [link]), Run(arguments: [party]),
                Run(arguments: ["--follow", "--timeout", "1s"]),
            ],
            "join": [Run(arguments: [party]), Run(arguments: [link]), Run(arguments: ["--from", "psparty-user-b"])],
            "leave": [Run()],
            "voice run": [Run(arguments: ["--", "engine"]), Run(arguments: ["--dry-run", "--", "engine"])],
            "voice offer": [Run(), Run(arguments: ["--dry-run"])],
            "voice answer": [
                Run(arguments: ["--sdp", "-"], input: sdp), Run(arguments: ["--sdp", "-"], input: ["x"]),
            ],
            "voice signal": [
                Run(arguments: ["--to", "psparty-user-b", "--type", "offer", "--sdp", "-"], input: sdp),
                Run(arguments: ["--to", "2", "--type", "answer", "--sdp", "-", "--plain"], input: sdp),
            ],
            "signal decode": [Run(input: sdp)], "signal encode": [Run(input: sdp)],
            "signal diff": [Run(arguments: ["-", "/nonexistent"], input: sdp)],
            "voice status": [Run()], "voice stop": [Run(), Run(arguments: ["--dry-run"])],
            "watch": [
                Run(arguments: ["--timeout", "1s"]), Run(arguments: [party, "--timeout", "1s"]),
            ],
            "replay": [Run(arguments: ["-", "--speed", "max"], input: recorded, mayPrintSecrets: true)],
            // The recording itself, and its redacted form.
            "redact": [Run(arguments: ["-"], input: recorded)],
            "listen": [
                Run(arguments: stream), Run(arguments: stream + ["--raw"], mayPrintSecrets: true),
                Run(arguments: ["--no-reconnect", "--lifecycle", "--count", "6"]),
                Run(arguments: stream + ["--watch-visible", "30s"]),
            ],
        ]
    }

    /// The service's misbehaviour.
    struct Trouble: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var faults: [Fault] = []
        var misbehaviour: PlantingTransport.Misbehaviour?

        static func answers(_ status: Int, _ path: String? = nil) -> Trouble {
            let words = #"{"error":{"message":"eyJcanaryheader.eyJcanaryclaims.canarysignature","code":1}}"#
            let response = SimulatedResponse(status: status, headers: [("Retry-After", "1")], body: Array(words.utf8))
            return Trouble(
                testDescription: "\(status) \(path ?? "")",
                faults: [Fault(match: .init(path: path, times: nil), action: .status(response))])
        }

        static func does(_ name: String, _ actions: Fault.Action...) -> Trouble {
            Trouble(
                testDescription: name, faults: actions.map { Fault(match: .init(path: nil, times: nil), action: $0) })
        }

        static func echoes(_ status: Int) -> Trouble {
            Trouble(testDescription: "echo \(status)", misbehaviour: .echo(status: status))
        }
    }

    static let troubles: [Trouble] =
        [Trouble(testDescription: "none"), .does("no JSON", .wrongJSON), .does("reset", .reset), .does("drop", .drop)]
        + [.does("truncated", .truncated(bodyBytes: 9)), .does("expired", .expireAccessTokens)]
        + [Trouble(testDescription: "close with our token", misbehaviour: .closeEcho)]
        + [400, 401, 403, 404, 409, 429, 500].map { .answers($0) }
        + [401, 403, 500].map { .answers($0, "/np/pushNotification") }
        + [300, 400, 401, 403, 404, 409, 500].map { .echoes($0) }
        + [
            Trouble(
                testDescription: "dead grant",
                faults: [.expireAccessTokens, .killRefreshTokens].map {
                    Fault(match: .init(path: nil, times: 1), action: $0)
                })
        ]

    @Test(arguments: troubles) func `no command prints a secret`(_ trouble: Trouble) async throws {
        for command in Self.commands(of: Psparty.self) {
            let name = command.joined(separator: " ")
            let rows = try #require(Self.runs(CommandHarness())[name], "psparty \(name) has no row in this test")
            for index in rows.indices {
                for options in [["-vv"], ["-vv", "--json"]] { await tell(trouble, name, index, options) }
            }
        }
    }

    /// One run on a service and a profile of its own.
    private func tell(_ trouble: Trouble, _ command: String, _ index: Int, _ options: [String]) async {
        let canaries = Canaries()
        let harness = CommandHarness(
            clock: ManualClock(isInstant: true), waits: { $0 < .seconds(5) }, random: { .live })
        let service = harness.world.service
        canaries.keep(service.accounts[0].npsso, as: "NPSSO")
        canaries.keep(service.clientSecret, as: "client secret")
        canaries.keep(Data("\(service.clientId):\(service.clientSecret)".utf8).base64EncodedString(), as: "Basic")
        var transport = PlantingTransport(base: harness.world.transport, canaries: canaries)
        await prepare(harness, transport)
        if ["voice answer", "voice status", "voice stop"].contains(command) {
            _ = await harness.run(["voice", "offer"], transport: transport)
        }
        for fault in trouble.faults { await service.add(fault) }
        await service.add(Fault(match: .init(path: "/np/pushNotification"), action: .onReady(Self.frames)))
        transport.misbehaviour = trouble.misbehaviour
        guard let row = Self.runs(harness)[command]?[index] else { return }
        let words = command.split(separator: " ").map(String.init) + row.arguments
        let result = await harness.run(
            options + words, input: row.input, terminal: !options.contains("--json"), transport: transport)

        let what: Comment = "psparty \((options + words).joined(separator: " ")), \(trouble.testDescription)"
        #expect(canaries.found(in: Self.withoutSignInAddress(result.stderr)) == [], what)
        // `listen` prints the frames of the service unchanged on purpose.
        if !row.mayPrintSecrets, !["listen", "watch"].contains(command) || !options.contains("--json") {
            #expect(canaries.found(in: result.stdout) == [], what)
        }
        for (item, bytes) in harness.store().items {
            let found = canaries.found(in: String(decoding: bytes, as: UTF8.self))
            let own: Set<String> =
                switch item.name {
                case StoreItem.credentials.name: ["access_token", "refresh_token"]
                case StoreItem.device.name: ["duid"]
                case StoreItem.pendingLogin.name: ["state"]
                case StoreItem.voice.name: ["bridge token"]
                default: []
                }
            #expect(found.isSubset(of: own), "\(item.name): \(what)")
        }
    }

    /// Signs in and creates a party by the library: the commands that do so have rows of their own, and parsing words takes
    /// most of a run's time.
    private func prepare(_ harness: CommandHarness, _ transport: PlantingTransport) async {
        let environment = PartyEnvironment(
            settings: harness.world.settings, transport: transport, store: harness.store(),
            clock: harness.world.clock.partyClock, random: .live)
        let client = PartyClient(environment)
        await #expect(throws: Never.self) {
            _ = try await client.signIn(npsso: Redacted(harness.world.service.accounts[0].npsso))
            _ = try await client.create(NewParty())
        }
    }

    /// The address to open in the browser has to be shown whole; it stands alone on its line.
    private static func withoutSignInAddress(_ text: String) -> String {
        text.split(separator: "\n").filter { !$0.hasPrefix("https://") }.joined(separator: "\n")
    }

    /// The frames of the push service: a complete signal between members, and one of an unknown type.
    private static let frames: [SimulatedPushOutput] = {
        let sdp = Canaries.planted["sdp"] ?? ""
        let device = Signal.Endpoint(accountID: AccountID(1_000_000_000_000_000_002), platform: .mobileApp)
        let signal = Signal(
            from: device, to: device, kind: .offer, sdp: sdp, globalSequence: 1, sdpSequence: "1")
        let payload = (try? SignalPayload.encode(signal)) ?? ""
        let message: [String: Any] = ["customMessage": ["channel": "miranda:12", "payload": payload]]
        let member: [String: Any] = ["accountId": "1000000000000000002", "deviceUniqueId": "canary-duid-0003"]
        let events: [(String, [String: Any])] = [
            ("psn:sessionManager:sys:v2:ps:members:created", ["members": [member], "sessionId": party]),
            ("psn:sessionManager:sys:v2:ps:customMessage:noSeq:created", message),
            ("psn:sessionManager:sys:v2:ps:bridges:created", ["bridges": [Canaries.planted]]),
            ("psn:unheard:of", ["planted": Canaries.planted]),
        ]
        let texts = events.compactMap { type, data in
            try? JSONSerialization.data(withJSONObject: ["method": 3001, "dataType": type, "body": ["data": data]])
        }
        let broken = Array("{\"auth\":\"canary-broken-frame\",".utf8)
        return [.text(broken)] + texts.map { .text(Array($0)) }
    }()

    /// The names of all commands, groups included.
    private static func commands(of root: any ParsableCommand.Type, _ path: [String] = []) -> [[String]] {
        let children = root.configuration.subcommands
        guard !children.isEmpty else { return [path] }
        return children.flatMap { commands(of: $0, path + [$0._commandName]) }
    }
}
