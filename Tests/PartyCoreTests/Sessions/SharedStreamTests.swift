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
        #expect(await stage.sockets() == 0)
    }

    @Test func `when the holder ends, another takes over, compares, and tells what was missed`() async throws {
        let stage = try await StreamStage()
        let first = stage.run()
        _ = try await first.types(until: "stream.ready")
        let second = stage.run()
        _ = try await second.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        _ = try await second.types(until: "party.created")
        #expect(await first.end() == nil)
        // The pause of one that finds neither a holder nor the place free.
        let pump = Task { [clock = stage.world.clock] in
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(20))
                await Task.yield()
            }
        }
        let friend = try await stage.world.signedIn(1)
        _ = try await friend.join(.id(id), voice: true)
        let seen = try await second.events { $0.type == "stream.resynced" }
        pump.cancel()
        let after = seen.drop { $0.type != "stream.lost" }
        #expect(after.first?.connection == 1)
        #expect(after.last?.connection == 2)
        let joined = seen.filter { $0.type == "member.joined" }.compactMap { $0.party?.members.first?.onlineID }
        #expect(joined == ["psparty-user-a", "psparty-user-b"], "once each, from the stream or the comparison")
        #expect(await second.end() == nil)
    }

    @Test func `who joins late knows the parties as the holder does`() async throws {
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

    @Test func `a membership is marked with the context of the running stream`() async throws {
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

    @Test func `a pong shows holder and followers alike that the stream lives`() async throws {
        let stage = try await StreamStage()
        let tapes = [Tape<Void>(), Tape<Void>(), Tape<Void>()]
        var runs: [StreamStage.Run] = []
        for tape in tapes {
            runs.append(stage.run(in: stage.environment { $0.heard = { tape.append(()) } }))
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
}
