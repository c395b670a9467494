import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite(.timeLimit(.minutes(5))) struct VoiceCommandTests {
    private let sdp = ["v=0\r", "o=- 1 1 IN IP4 192.0.2.1\r"]

    /// Ann's party with Bob in it, each with a device of their own.
    private func party(_ scenario: Scenario = Scenario()) async -> (CommandHarness, id: String) {
        let harness = CommandHarness(scenario, random: { .live })
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let id = String(await harness.run("create").stdout.dropLast())
        _ = await harness.run("join", id, "--profile", "bob")
        await harness.world.service.clearRequests()
        return (harness, id)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func list(_ text: String) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    @Test func `an offer is fetched, answered, shown and removed`() async throws {
        let (harness, id) = await party()
        let offered = await harness.run("voice", "offer")
        #expect(offered.status == 0 && offered.stderr.isEmpty)
        let offer = try object(offered.stdout)
        #expect(offer["partyId"] as? String == id)
        #expect(((offer["offer"] as? [String: Any])?["sdp"] as? String)?.hasPrefix("v=0\r\n") == true)
        let answered = await harness.run("voice", "answer", "--sdp", "-", input: sdp)
        #expect(answered == CommandResult(stdout: "", stderr: "", status: 0))
        let request = try #require(await harness.world.service.requests().last)
        #expect(request.target.hasSuffix("/peers/\(offer["peerId"] as? String ?? "?")/answer"))
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"answer":{"sdp":"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"}}"#)
        let status = try list(await harness.run("voice", "status", "--json").stdout)
        #expect(status.map { $0["bridgeId"] as? String } == [offer["bridgeId"] as? String])
        #expect(status.map { $0["answered"] as? Bool } == [true])
        let stopped = await harness.run("voice", "stop")
        #expect(stopped.status == 0)
        #expect(stopped.stdout == "\(id)\t\(offer["bridgeId"] as? String ?? "?")\tstopped\n")
        #expect(
            await harness.run("voice", "stop")
                == CommandResult(stdout: "", stderr: "this profile has no voice open\n", status: 0))
        #expect(await harness.run("voice", "status", "--json").stdout == "[]\n")
    }

    @Test func `without an offer an answer is refused`() async {
        let (harness, _) = await party()
        let result = await harness.run("voice", "answer", "--sdp", "-", input: sdp)
        #expect(result.status == 3)
        #expect(result.stderr.contains("psparty voice offer"))
    }

    @Test(arguments: ["", "hello", "v=1", "v=0\nx", "v=0\na=\u{1b}[31m", #"{"sdp":1}"#, "{"])
    func `a text that is no description is bad data, before a request is sent`(text: String) async {
        let (harness, _) = await party()
        for words in [["voice", "answer"], ["voice", "signal", "--to", "me", "--type", "offer"]] {
            let result = await harness.run(words + ["--sdp", "-"], input: text.isEmpty ? [] : [text])
            #expect(result.status == 65)
            #expect(result.stderr.contains("byte"))
        }
        #expect(await harness.world.service.requests().isEmpty)
    }

    @Test func `a description is read from a file as text or JSON, with LF or CRLF`() async throws {
        let (harness, _) = await party()
        let folder = try ScratchFolder()
        let texts = [
            "v=0\r\ns=x\r\n", "v=0\ns=x\n", "v=0\ns=x", #"{"type":"answer","sdp":"v=0\r\ns=x\r\n"}"#,
            #"{"partyId":"x","offer":{"sdp":"v=0\ns=x"}}"#,
        ]
        for text in texts {
            let path = folder("x.sdp")
            try Data(text.utf8).write(to: URL(filePath: path))
            let result = await harness.run(
                "voice", "signal", "--to", "psparty-user-b", "--type", "answer", "--sdp", path)
            #expect(result.status == 0, "\(result.stderr)")
            #expect(try await sent(harness).last?.signal.sdp == "v=0\r\ns=x\r\n")
        }
        let missing = await harness.run(
            "voice", "signal", "--to", "me", "--type", "offer", "--sdp", folder("nothing"))
        #expect(missing.status == 3)
        #expect(await harness.run("voice", "answer", "--sdp", folder("")).status == 70, "a folder is no file")
    }

    /// The messages that the service got.
    private func sent(_ harness: CommandHarness) async throws -> [(body: [String: Any], signal: PartyCore.Signal)] {
        try await harness.world.service.requests().filter { $0.target.hasSuffix("/customMessage") }.map { request in
            let body = try object(String(decoding: request.body, as: UTF8.self))
            let received = try SignalPayload.decode(try #require(body["payload"] as? String))
            #expect(received.oddities.isSubset(of: [.textType]))
            return (body, received.signal)
        }
    }

    @Test func `a signal goes to each device of a member, or to the named one`() async throws {
        let (harness, id) = await party()
        try await harness.join(id, account: 1, platform: "PS5")
        func signal(_ options: String...) async -> CommandResult {
            await harness.run(
                ["voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-"] + options, input: sdp)
        }
        let result = await signal("--json")
        #expect(result.status == 0, "\(result.stderr)")
        #expect(try list(result.stdout).map { $0["platform"] as? String } == ["MOBILE_APP", "PS5"])
        #expect(await signal("--platform", "ps5").stdout == "psparty-user-b\tPS5\tsent\n")
        #expect(await signal("--platform", "PS4").status == 3)
        let messages = try await sent(harness)
        try #require(messages.count == 3)
        #expect(messages.map(\.signal.to.platform) == [.mobileApp, .ps5, .ps5])
        #expect(messages.map(\.signal.globalSequence) == [1, 2, 3])
        #expect(messages.map(\.signal.sdpSequence) == ["1", "1", "2"])
        #expect(
            messages.allSatisfy {
                $0.signal.from == .init(accountID: AccountID(1_000_000_000_000_000_001), platform: .mobileApp)
            })
        #expect(messages[2].body["channel"] as? String == "miranda:12")
        #expect(
            (messages[2].body["to"] as? [[String: String]]) == [
                ["accountId": "1000000000000000002", "platform": "PS5"]
            ])
        #expect(messages[2].body["withoutSequenceNumber"] as? Bool == true)
    }

    @Test func `a signal to our own account goes to its other device`() async throws {
        let (harness, id) = await party()
        #expect(
            await harness.run("voice", "signal", "--to", "me", "--type", "offer", "--sdp", "-", input: sdp).status == 3)
        try await harness.join(id, account: 0, platform: "PS5")
        let result = await harness.run("voice", "signal", "--to", "me", "--type", "offer", "--sdp", "-", input: sdp)
        #expect(result.stdout == "psparty-user-a\tPS5\tsent\n")
    }

    @Test func `a platform without a number is reported, and the other devices get the signal`() async throws {
        let (harness, id) = await party()
        try await harness.join(id, account: 1, platform: "PS4")
        let result = await harness.run(
            "voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-", input: sdp)
        #expect(result.status == 65)
        #expect(result.stdout.contains("psparty-user-b\tMOBILE_APP\tsent\n"))
        #expect(
            result.stderr.contains(
                "1 of 2 signals failed: psparty-user-b: the signal cannot be written: no number is known for platform PS4"
            ))
    }

    @Test func `a signal needs a member as sender and as recipient`() async throws {
        let (harness, id) = await party()
        await harness.signIn(2, profile: "carol")
        let words = ["voice", "signal", "--type", "offer", "--sdp", "-", "--party", id]
        let outsider = await harness.run(words + ["--to", "psparty-user-b", "--profile", "carol"], input: sdp)
        #expect([3, 5].contains(outsider.status))
        #expect(await harness.run(words + ["--to", "psparty-user-c"], input: sdp).status == 3)
        #expect(await harness.run(words + ["--to", "nobody-here"], input: sdp).status == 3)
        #expect(try await sent(harness).isEmpty)
    }

    @Test func `only --plain omits the header`() async throws {
        let (harness, _) = await party()
        _ = await harness.run(
            "voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-", "--plain", input: sdp)
        let message = try #require(try await sent(harness).first)
        #expect((message.body["payload"] as? String)?.hasPrefix(#"ver=1.0, type=text, body={"from":"#) == true)
    }

    @Test func `a refused signal is reported with its reference and not sent again`() async throws {
        let (harness, _) = await party()
        let words = #"{"error":{"referenceId":"ref-1","code":1,"message":"Bad Request (body: null)"}}"#
        await harness.world.service.add(
            Fault(
                match: .init(path: "customMessage", times: nil),
                action: .status(SimulatedResponse(status: 400, body: Array(words.utf8)))))
        let result = await harness.run(
            "voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-", input: sdp)
        #expect(result.status == 1)
        #expect(
            result.stderr.contains(
                "psparty-user-b: signal refused: the signal is not valid [Bad Request (body: null)] (HTTP 400, request ref-1)"
            ))
        #expect(try await sent(harness).count == 1)
    }

    @Test func `a dry run opens nothing and uses placeholders`() async throws {
        let (harness, id) = await party()
        let first = await harness.run("voice", "offer", "--dry-run")
        #expect(first.status == 0)
        #expect(first.stdout.split(separator: "\n").count == 3)
        #expect(first.stdout.contains("/partySessions/\(id)/bridges'"))
        #expect(harness.store().kept(.voice) == nil)
        _ = await harness.run("voice", "offer")
        let before = harness.store().kept(.voice)
        let stop = await harness.run("voice", "stop", "--dry-run")
        #expect(stop.stdout.split(separator: "\n").count == 2)
        #expect(stop.stdout.contains(#""X-PSN-BRIDGE-TOKEN: $BRIDGE_TOKEN""#))
        #expect(harness.store().kept(.voice) == before)
        #expect(await harness.world.service.requests().filter { $0.method == "DELETE" }.isEmpty)
    }

    @Test func `a bridge that the service does not delete is reported and stays in the ledger`() async throws {
        let (harness, _) = await party()
        _ = await harness.run("voice", "offer")
        await harness.world.service.add(
            Fault(match: .init(method: "DELETE", times: nil), action: .status(SimulatedResponse(status: 500))))
        let result = await harness.run("voice", "stop", "--json")
        #expect(result.status == 7)
        #expect(try list(result.stdout).map { $0["stopped"] as? Bool } == [false])
        #expect(try list(result.stdout).map { $0["error"] as? String } == ["unreachable"])
        #expect(try list(await harness.run("voice", "status", "--json").stdout).count == 1)
    }

    @Test func `leave removes our voice first`() async throws {
        let (harness, id) = await party()
        _ = await harness.run("voice", "offer")
        await harness.world.service.clearRequests()
        #expect(await harness.run("leave").stdout == id + "\n")
        let deleted = await harness.world.service.requests().filter { $0.method == "DELETE" }.map(\.target)
        #expect(deleted.count == 3)
        #expect(deleted.last?.hasSuffix("/members/me") == true)
        #expect(await harness.run("voice", "status", "--json").stdout == "[]\n")
    }

    @Test func `voice run does not remove an offer that waits for its answer`() async throws {
        let (harness, id) = await party()
        let offer = try object(await harness.run("voice", "offer").stdout)
        let refused = await harness.run("voice", "run", "--", "engine")
        #expect(refused.status == 6)
        #expect(refused.stderr.contains("the peer on the voice bridge of party \(id), which `voice offer` created at "))
        #expect(refused.stderr.contains("`psparty voice stop`, or pass --take-over"))
        let answered = await harness.run("voice", "answer", "--sdp", "-", "--json", input: sdp)
        #expect(answered.status == 0)
        #expect(try object(answered.stdout)["peerId"] as? String == offer["peerId"] as? String)
        // Also after the answer: the user's engine may be in use.
        #expect(await harness.run("voice", "run", "--", "engine").status == 6)
        #expect(await harness.run("voice", "run", "--no-bridge", "--", "engine").status == 0)
        let taken = await harness.run("voice", "run", "--take-over", "--", "engine")
        #expect(taken.status == 0)
        #expect(taken.stderr.contains("which `voice offer` created at") && taken.stderr.contains("is closed"))
    }

    @Test func `a second offer reports that it removes the first one's peer`() async throws {
        let (harness, _) = await party()
        _ = await harness.run("voice", "offer")
        let second = await harness.run("voice", "offer")
        #expect(second.status == 0 && second.stderr.contains("is closed"))
        let offer = try object(second.stdout)
        let status = try list(await harness.run("voice", "status", "--json").stdout)
        #expect(status.map { $0["peerId"] as? String } == [offer["peerId"] as? String])
    }

    @Test func `an answer needs a peer of voice offer, not one that a crashed run left`() async throws {
        let (harness, id) = await party()
        let client = PartyClient(harness.world.environment(store: harness.store()))
        _ = try await BridgeSession(client).open(PartyID(id))
        let answered = await harness.run("voice", "answer", "--sdp", "-", input: sdp)
        #expect(answered.status == 3 && answered.stderr.contains("psparty voice offer"))
    }

    @Test func `an interrupted voice offer leaves nothing`() async throws {
        let (harness, _) = await party()
        let (signals, signal) = AsyncStream<Int32>.makeStream()
        let interrupts = Interrupts(signals: signals, stop: { signal.finish() })
        await harness.world.service.add(
            Fault(match: .init(path: "peers?"), action: .delay, delayMilliseconds: 1))
        signal.yield(2)
        let result = await harness.run(["voice", "offer"], interrupts: interrupts)
        #expect(result.status == 130)
        #expect(await harness.run("voice", "status", "--json").stdout == "[]\n")
    }
}

extension CommandHarness {
    /// Joins a party with another device of an account.
    fileprivate func join(_ id: String, account: Int, platform: String) async throws {
        let service = world.service
        let tokens = try #require(
            await service.mintTokens(accountId: service.accounts[account].accountId, platform: platform))
        let body =
            #"{"members":[{"accountId":"me","customData4":"WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0=","#
            + #""platform":"me","pushContexts":[{"contextId":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"}],"voiceChatActivated":true}]}"#
        let joined = await run(
            "api", "POST", "/api/sessionManager/v2/partySessions/\(id)/members", "--data", "-", input: [body],
            variables: ["PSPARTY_ACCESS_TOKEN": tokens.access])
        #expect(joined.status == 0, "\(joined.stderr)")
    }
}
