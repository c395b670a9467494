import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite(.timeLimit(.minutes(5))) struct ListenCommandTests {
    /// Runs `listen` and, once its stream is ready, `actions`; the options end the stream.
    private func listen(
        _ harness: CommandHarness, _ options: [String], terminal: Bool = false,
        deeds: @escaping @Sendable () async -> Void
    ) async -> CommandResult {
        let clock = harness.world.clock
        async let result = harness.run(
            ["listen"] + options, terminal: terminal, variables: ["NO_COLOR": "1", "TZ": "UTC"])
        // Two waits: the keepalive timer and the time limit that every call here sets.
        await clock.sleepers(2)
        await harness.world.pushIsReady(for: 0)
        await deeds()
        return await result
    }

    private func party() async throws -> (CommandHarness, PartyClient, PartyClient) {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        return (harness, try await harness.world.signedIn(0), try await harness.world.signedIn(1))
    }

    @Test func `events come as JSON lines with every key, and --count ends the stream`() async throws {
        let (harness, ann, bob) = try await party()
        let result = await listen(harness, ["--count", "5", "--timeout", "1h"]) {
            guard let id = try? await ann.create(NewParty()) else { return }
            _ = try? await bob.join(.id(id), voice: false)
            _ = try? await bob.leave(id)
        }
        #expect(result.status == 0)
        #expect(result.stderr.isEmpty)
        expectGolden(result.stdout, "listen.json")
    }

    @Test func `a terminal gets text`() async throws {
        let (harness, ann, bob) = try await party()
        let result = await listen(harness, ["--count", "4", "--timeout", "1h"], terminal: true) {
            guard let id = try? await ann.create(NewParty()) else { return }
            _ = try? await bob.join(.id(id), voice: false)
        }
        let words = result.stdout.split(separator: "\n").map { $0.dropFirst(8) }
        #expect(
            words == [
                "  you joined", "  you started a party", "  psparty-user-b joined",
                "  something about psparty-user-b changed",
            ])
        #expect(result.stderr == "listening as psparty-user-a; waiting for events\n")
    }

    @Test func `with two parties each line says which one it is about, also without --snapshot`() async throws {
        let (harness, ann, bob) = try await party()
        var settings = NewParty()
        settings.name = "Friday"
        let first = try await ann.create(settings)
        _ = try await ann.create(NewParty())
        let options = ["--type", "member.joined", "--count", "1", "--timeout", "1h"]
        let result = await listen(harness, options, terminal: true) {
            _ = try? await bob.join(.id(first), voice: false)
        }
        #expect(result.stdout.dropFirst(8) == "  psparty-user-b joined  [Friday]\n")
    }

    @Test func `filters of one kind are alternatives, of different kinds all apply`() async throws {
        let (harness, ann, bob) = try await party()
        let options = ["--type", "member.j*", "--type", "party.*", "--from", "PSPARTY-user-B", "--count", "1"]
        let result = await listen(harness, options + ["--timeout", "1h"]) {
            guard let id = try? await ann.create(NewParty()) else { return }
            _ = try? await bob.join(.id(id), voice: false)
        }
        #expect(result.status == 0)
        #expect(result.stdout.contains(#""seq":1,"#))
        #expect(result.stdout.contains(#""type":"member.joined""#))
        #expect(result.stdout.contains(#""from":{"accountId":"1000000000000000002""#))
        #expect(result.stdout.split(separator: "\n").count == 1)
    }

    @Test func `--raw prints the bytes of the service`() async throws {
        let (harness, _, _) = try await party()
        let service = harness.world.service
        await service.reconfigure { $0.clientFramesAnswered = false }
        let frame = #"{"method":3001,"dataType":"x","n":1000000000000000001, "body":{"data":{"a":[1, 2]}}}"#
        let result = await listen(harness, ["--raw", "--count", "2", "--timeout", "1h"]) {
            _ = await service.push(.text(Array(frame.utf8)), to: "A")
            _ = await service.push(.text(Array("{\n\"method\":\r\n7}".utf8)), to: "A")
        }
        #expect(result == CommandResult(stdout: frame + "\n{\"method\":7}\n", stderr: "", status: 0))
    }

    @Test func `the time limit is success without --count and status 8 with an unmet count`() async throws {
        let (harness, _, _) = try await party()
        let clock = harness.world.clock
        let quiet = await listen(harness, ["--timeout", "1s"]) { clock.advance(by: .seconds(1)) }
        #expect(quiet == CommandResult(stdout: "", stderr: "", status: 0))
        let short = await listen(harness, ["--timeout", "1s", "--count", "1"]) { clock.advance(by: .seconds(1)) }
        #expect(short.status == 8)
        #expect(short.stderr == "psparty: --timeout expired after 0 of 1 events\n")
    }

    @Test func `a frame that is not JSON is reported and the stream goes on`() async throws {
        let (harness, ann, _) = try await party()
        let service = harness.world.service
        let options = ["--lifecycle", "--type", "frame.*", "--type", "party.*", "--count", "2", "--timeout", "1h"]
        let result = await listen(harness, options) {
            _ = await service.push(.text(Array("{\"a\":\u{1}}".utf8)), to: "A")
            _ = try? await ann.create(NewParty())
        }
        #expect(result.status == 0)
        let lines = result.stdout.split(separator: "\n")
        #expect(lines.map { $0.contains("frame.invalid") } == [true, false])
        #expect(result.stderr == "psparty: a push frame of 7 bytes was skipped: not a JSON value (byte 5)\n")
    }

    @Test func `a lost stream reconnects with a new token and reports it`() async throws {
        let (harness, ann, _) = try await party()
        let service = harness.world.service
        let options = ["--lifecycle", "--count", "7", "--timeout", "1h"]
        let result = await listen(harness, options) {
            _ = await service.push(.close(code: 65535, reason: ""), to: "A")
            try? await eventually(.seconds(20), "the loss") { harness.printed.contains("stream.lost") }
            await harness.world.pushIsReady(for: 0)
            _ = try? await ann.create(NewParty())
        }
        #expect(result.status == 0)
        expectGolden(result.stdout, "listen.lost.json")
        #expect(result.stderr == "psparty: the service closed the connection (code 65535); trying again at once\n")
        let upgrades = await service.requests().filter { $0.target == "/np/pushNotification" }
        let reconnections = upgrades.map { upgrade in
            upgrade.headers.first { $0.name == "X-PSN-RECONNECTION" }?.value
        }
        #expect(reconnections == ["false", "true"])
    }

    @Test func `a closed pipe ends the stream with 0, a full disk with a failure`() async throws {
        for (error, status) in [(Console.WriteError.readerLeft, Int32(0)), (.failed("No space left"), 70)] {
            let (harness, ann, _) = try await party()
            let clock = harness.world.clock
            async let result = harness.run("listen", "--timeout", "1h", writeError: error)
            await clock.sleepers(2)
            await harness.world.pushIsReady(for: 0)
            _ = try await ann.create(NewParty())
            #expect(await result.status == status)
        }
    }

    /// This profile joined one party, another program with the same account the other.
    @Test func `a snapshot prints every party of the account before other events`() async throws {
        let (harness, _, bob) = try await party()
        // The other program uses no file of the profile that listens.
        let console = try await harness.world.signedIn(0)
        let first = try await console.create(NewParty())
        let second = try await bob.create(NewParty())
        let result = await harness.run("listen", "--snapshot", "--count", "2", "--timeout", "1h")
        #expect(result.status == 0)
        let lines = result.stdout.split(separator: "\n")
        #expect(lines.map { $0.contains("party.created") } == [true, false])
        #expect(lines.allSatisfy { $0.contains(#""synthetic":true"#) && $0.contains(first.text) })
        #expect(!result.stdout.contains(second.text))
        let quiet = await listen(harness, ["--timeout", "1s"]) { harness.world.clock.advance(by: .seconds(1)) }
        #expect(quiet.stdout.isEmpty)
    }

    @Test func `an upgrade refused with 401 refreshes the token once, then asks for a sign-in`() async throws {
        let (harness, _, _) = try await party()
        let refusal = Fault(
            match: .init(path: "/np/pushNotification", times: nil), action: .status(SimulatedResponse(status: 401)))
        await harness.world.service.add(refusal)
        let result = await harness.run("listen")
        #expect(result.status == 4)
        #expect(await harness.world.service.requests().filter { $0.target == "/np/pushNotification" }.count == 2)
    }
}
