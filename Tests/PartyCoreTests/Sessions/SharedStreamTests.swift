import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

struct SharedStreamTests {
    @Test(arguments: [true, false])
    func `of several runs of a profile one holds the connection, and all get every event`(isPrompt: Bool) async throws {
        let stage = try await StreamStage()
        var runs = [stage.run(isPrompt: isPrompt)]
        _ = try await runs[0].types(until: "stream.ready")
        for _ in 1...3 { runs.append(stage.run(isPrompt: isPrompt)) }
        for run in runs { _ = try await run.types(until: "stream.ready") }
        #expect(await stage.sockets() == 1)
        _ = try await stage.client.create(NewParty())
        for run in runs {
            #expect(
                try await run.types(until: "party.created").suffix(2) == ["member.joined", "party.created"])
        }
        for run in runs { #expect(await run.end() == nil) }
        // A socket that opened at the moment of the end is closed afterwards.
        try await eventually(.seconds(20), "no socket") { await stage.sockets() == 0 }
    }

    @Test func `when the holder ends, another takes over, compares and delivers the missed events`() async throws {
        let stage = try await StreamStage()
        let first = stage.run()
        _ = try await first.types(until: "stream.ready")
        let second = stage.run()
        _ = try await second.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        _ = try await second.types(until: "party.created")
        #expect(await first.end() == nil)
        // The pause of a process that finds neither a holder nor a free lock.
        let pump = Task { [clock = stage.world.clock] in
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(20))
                await Task.yield()
            }
        }
        let friend = try await stage.world.signedIn(1)
        _ = try await friend.join(.id(id), voice: true)
        // The friend may join before the comparison or after it.
        let told = Tape<StreamEvent>()
        let seen = try await second.events { event in
            told.append(event)
            let types = told.all.map(\.type)
            return types.contains("stream.resynced") && types.count { $0 == "member.joined" } == 2
        }
        pump.cancel()
        let after = seen.drop { $0.type != "stream.lost" }
        #expect(after.first?.connection == 1)
        #expect(after.last?.connection == 2)
        let joined = seen.filter { $0.type == "member.joined" }.compactMap { $0.party?.members.first?.onlineID }
        #expect(joined == ["psparty-user-a", "psparty-user-b"], "once each, from the stream or the comparison")
        #expect(await second.end() == nil)
    }

    @Test func `a late follower knows the parties like the holder`() async throws {
        let stage = try await StreamStage()
        let first = stage.run()
        _ = try await first.types(until: "stream.ready")
        _ = try await stage.client.create(NewParty())
        _ = try await first.types(until: "party.created")
        let late = stage.run()
        let seen = try await late.events { $0.type == "member.joined" }
        #expect(seen.map(\.type) == ["stream.connected", "stream.ready", "party.created", "member.joined"])
        #expect(seen.suffix(2).allSatisfy { $0.origin == .snapshot })
        _ = await late.end()
        _ = await first.end()
    }

    @Test func `a membership has the context of the running stream`() async throws {
        let stage = try await StreamStage()
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let client = PartyClient(stage.environment())
        _ = try await client.create(NewParty())
        let first = try await run.events { $0.party?.contexts.isEmpty == false }
        let id = try await client.create(NewParty())
        let second = try await run.events { $0.party?.partyID == id && $0.party?.contexts.isEmpty == false }
        #expect(first.last?.party?.contexts.first?.id == second.last?.party?.contexts.first?.id)
        _ = await run.end()
    }

    @Test func `a pong is a sign of life for holder and followers`() async throws {
        let stage = try await StreamStage()
        let tapes = [Tape<Void>(), Tape<Void>(), Tape<Void>()]
        var runs: [StreamStage.Run] = []
        for tape in tapes {
            runs.append(stage.run(in: stage.environment { $0.onStreamActivity = { tape.append(()) } }))
            _ = try await runs.last?.types(until: "stream.ready")
        }
        for _ in 1...3 {
            let before = tapes.map(\.count)
            await stage.world.clock.sleepers(2)
            stage.world.clock.advance(by: .seconds(30))
            for (tape, count) in zip(tapes, before) {
                _ = try await within(.seconds(10), "a sign of life") { try await tape.value(at: count) }
            }
        }
        for run in runs { #expect(await run.end() == nil) }
    }

    @Test func `with --no-reconnect the holder's end is a loss`() async throws {
        let stage = try await StreamStage()
        let first = stage.run()
        _ = try await first.types(until: "stream.ready")
        var options = PartyFeed.Options()
        options.reconnects = false
        let second = stage.run(options)
        _ = try await second.types(until: "stream.ready")
        _ = await first.end()
        #expect(await second.task.value?.kind == .unreachable)
    }

    // Voice chats (docs/protocol.md, 7.3):

    /// The keep-alive types of the frames that the service got.
    private func types(_ stage: StreamStage) async -> [Int64] {
        await stage.world.service.frames().compactMap { frame in
            let json = try? JSONDocument(frame.text).root
            return json?["method"]?.integer == 1007 ? json?["keepAliveStatusType"]?.integer : nil
        }
    }

    private func expect(_ expected: [Int64], _ stage: StreamStage) async throws {
        try await eventually(.seconds(20), "\(expected)") { await types(stage) == expected }
    }

    private static let voice: PartyFeed.Options = {
        var options = PartyFeed.Options()
        options.isVoiceChat = true
        return options
    }()

    @Test func `a voice chat that holds the connection announces its start and end`() async throws {
        let stage = try await StreamStage()
        let run = stage.run(Self.voice)
        _ = try await run.types(until: "stream.ready")
        try await expect([3], stage)
        #expect(await run.end() == nil)
        try await expect([3, 6], stage)
        #expect(await stage.world.service.frames().count == 3, "the status, and the two types")
    }

    @Test func `the holder announces a follower's voice chat, and its end of any kind`() async throws {
        let stage = try await StreamStage()
        let holder = stage.run()
        _ = try await holder.types(until: "stream.ready")
        #expect(await types(stage) == [])
        let first = stage.run(Self.voice)
        _ = try await first.types(until: "stream.ready")
        try await expect([3], stage)
        let second = stage.run(Self.voice)
        _ = try await second.types(until: "stream.ready")
        // A follower that sends its wish and ends, like a killed process.
        let line = try #require(stage.share.join())
        line.send(StreamWish(.voiceChat).line)
        line.close()
        #expect(await first.end() == nil)
        #expect(await stage.world.service.push(.ping([]), to: stage.accountID) == 1)
        #expect(await types(stage) == [3])
        #expect(await second.end() == nil)
        try await expect([3, 6], stage)
        _ = await holder.end()
        #expect(await types(stage) == [3, 6])
    }

    @Test func `a holder that reconnects during a voice chat looks up and opens with its type`() async throws {
        let stage = try await StreamStage()
        let holder = stage.run()
        _ = try await holder.types(until: "stream.ready")
        let voice = stage.run(Self.voice)
        _ = try await voice.types(until: "stream.ready")
        try await expect([3], stage)
        let before = voice.events.count
        _ = await stage.world.service.push(.cut, to: stage.accountID)
        _ = try await voice.types(until: "stream.resynced", after: before)
        let requests = await stage.world.service.requests()
        #expect(requests.contains { $0.target.contains("version=3.0&keepAliveStatusType=3") })
        let upgrade = try #require(requests.last { $0.target.hasPrefix("/np/pushNotification") })
        let type = upgrade.headers.first { $0.name == "X-PSN-KEEP-ALIVE-STATUS-TYPE" }?.value
        #expect(type == "3")
        #expect(await types(stage) == [3], "the second connection needs no frame for it")
        #expect(await voice.end() == nil)
        try await expect([3, 6], stage)
        _ = await holder.end()
    }

    @Test func `the intervals of the answer are used`() async throws {
        let stage = try await StreamStage()
        let run = stage.run(Self.voice)
        _ = try await run.types(until: "stream.ready")
        // The pings of type 3 come every 10 s, those of type 6 every 30.
        let clock = stage.world.clock
        await clock.sleeper(dueIn: .seconds(2))
        clock.advance(by: .seconds(2))
        await clock.sleeper(dueIn: .seconds(8))
        #expect(clock.deadlines.contains(.seconds(10)))
        _ = await run.end()
    }

    @Test func `answers to frames are no events, and a refusal is reported once`() async throws {
        let stage = try await StreamStage()
        await stage.world.service.reconfigure {
            $0.statusReturnCode = 5
            $0.keepAliveReturnCode = 6
        }
        let notices = Tape<String>()
        let run = stage.run(Self.voice, in: stage.environment { $0.notice = { notices.append($0) } })
        _ = try await run.types(until: "stream.ready")
        _ = try await within(.seconds(20), "the notices") { try await notices.value(at: 1) }
        let before = run.events.count
        _ = await stage.world.service.push(.cut, to: stage.accountID)
        let seen = try await run.types(until: "stream.resynced", after: before)
        #expect(!seen.contains("other"))
        #expect(notices.all.map { $0.contains("return code") } == [true, true])
        _ = await run.end()
    }

    @Test func `if version 3.0 is refused a voice chat uses 2.1, without frames`() async throws {
        let stage = try await StreamStage()
        let refusal = Fault.Action.status(SimulatedResponse(status: 404))
        await stage.world.service.add(Fault(match: .init(path: "version=3.0", times: nil), action: refusal))
        let run = stage.run(Self.voice)
        _ = try await run.types(until: "stream.ready")
        #expect(await run.end() == nil)
        #expect(await stage.world.service.frames().isEmpty)
    }
}
