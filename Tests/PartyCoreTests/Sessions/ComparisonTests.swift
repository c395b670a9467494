import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// The events after an outage of the stream.
struct ComparisonTests {
    /// Cuts the connection, runs `meanwhile`, and returns the events until the stream is compared again.
    private func cut(
        _ stage: StreamStage, _ run: StreamStage.Run, _ meanwhile: () async throws -> Void = {}
    ) async throws -> [StreamEvent] {
        let before = run.events.count
        stage.trouble.hold("/np/serveraddr")
        _ = await stage.world.service.push(.cut, to: stage.accountID)
        _ = try await run.types(until: "stream.lost", after: before)
        try await meanwhile()
        stage.trouble.letGo()
        let seen = Tape<Int>()
        return Array(
            try await run.events { event in
                seen.append(0)
                return event.type == "stream.resynced" && seen.count > before
            }.dropFirst(before))
    }

    @Test(arguments: [true, false])
    func `changes during an outage become synthetic events`(isPrompt: Bool) async throws {
        let stage = try await StreamStage()
        let run = stage.run(isPrompt: isPrompt)
        _ = try await run.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        let friend = try await stage.world.signedIn(1)
        let other = try await stage.world.signedIn(2)
        _ = try await friend.join(.id(id), voice: false)
        // The last event of a join.
        _ = try await run.types(until: "member.updated")
        let seen = try await cut(stage, run) {
            _ = try await stage.client.edit(id, .name("renamed"))
            _ = try await friend.leave(id)
            _ = try await other.join(.id(id), voice: true)
        }
        let types = seen.map(\.type)
        #expect(Array(types.prefix(3)) == ["stream.lost", "stream.connected", "stream.ready"])
        let differences = seen.dropFirst(3).dropLast()
        #expect(differences.map(\.type) == ["party.updated", "member.joined", "member.left"])
        #expect(differences.allSatisfy { $0.origin == .comparison && $0.connection == 2 })
        #expect(differences.first?.party?.changes.contains(.name("renamed")) == true)
        #expect(seen.last?.content == .lifecycle(.resynced(rejoined: [])))
        _ = await run.end()
    }

    @Test func `a party that ended meanwhile becomes party.deleted`() async throws {
        let stage = try await StreamStage()
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        _ = try await run.types(until: "party.created")
        let seen = try await cut(stage, run) { _ = try await stage.client.leave(id) }
        #expect(seen.dropFirst(3).map(\.type) == ["party.deleted", "stream.resynced"])
        _ = await run.end()
    }

    @Test func `a membership lost with the connection is joined again with a new context`() async throws {
        var scenario = Scenario()
        scenario.membershipOnReconnect = .dropped
        let stage = try await StreamStage(scenario)
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        _ = try await run.types(until: "party.created")
        let seen = try await cut(stage, run)
        #expect(seen.last?.content == .lifecycle(.resynced(rejoined: [id])))
        #expect(!seen.contains { $0.type == "party.deleted" || $0.type == "member.left" })
        #expect(try await stage.client.party(id).members.map(\.accountID) == [AccountID(1_000_000_000_000_000_001)])
        let contexts = await stage.world.service.requests()
            .filter { $0.method == "POST" && $0.target.hasSuffix("/members") }
        #expect(contexts.count == 1)
        _ = await run.end()
    }

    @Test func `a membership lost at the first connection is joined again too`() async throws {
        var scenario = Scenario()
        scenario.membershipOnReconnect = .dropped
        let stage = try await StreamStage(scenario)
        let first = stage.run()
        _ = try await first.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        _ = await first.end()
        let second = stage.run()
        let seen = try await second.events { $0.type == "stream.resynced" }
        #expect(seen.last?.content == .lifecycle(.resynced(rejoined: [id])))
        _ = await second.end()
    }

    @Test func `a user who left is not joined again`() async throws {
        var scenario = Scenario()
        scenario.membershipOnReconnect = .dropped
        let stage = try await StreamStage(scenario)
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let id = try await stage.client.create(NewParty())
        let friend = try await stage.world.signedIn(1)
        _ = try await friend.join(.id(id), voice: false)
        _ = try await stage.client.leave(id)
        _ = try await run.types(until: "member.left")
        let seen = try await cut(stage, run)
        #expect(seen.last?.content == .lifecycle(.resynced(rejoined: [])))
        #expect(try await friend.party(id).members.count == 1)
        _ = await run.end()
    }

    @Test func `a missing event leads to a comparison after the reorder window`() async throws {
        let stage = try await StreamStage()
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let client = PartyClient(stage.environment())
        let id = try await client.create(NewParty())
        let friends = [try await stage.world.signedIn(1), try await stage.world.signedIn(2)]
        await stage.world.service.reconfigure { $0.lostEventEvery = 1 }
        _ = try await friends[0].join(.id(id), voice: false)
        await stage.world.service.reconfigure { $0.lostEventEvery = 0 }
        _ = try await friends[1].join(.id(id), voice: false)
        _ = try await run.events { $0.type == "member.joined" && $0.party?.members.first?.onlineID == "psparty-user-c" }
        await stage.world.clock.sleeper(dueIn: .seconds(1))
        stage.world.clock.advance(by: .seconds(1))
        let seen = try await run.events { $0.type == "stream.resynced" }
        let found = seen.filter { $0.origin == .comparison && $0.type == "member.joined" }
        #expect(found.compactMap { $0.party?.members.first?.onlineID } == ["psparty-user-b"])
        _ = await run.end()
    }

    /// A friend's party that we joined, on a compared stream.
    private func joined(
        _ scenario: Scenario = Scenario()
    ) async throws -> (StreamStage, StreamStage.Run, PartyClient, PartyID) {
        let stage = try await StreamStage(scenario)
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let client = PartyClient(stage.environment())
        let friend = try await stage.world.signedIn(1)
        let id = try await client.create(NewParty())
        _ = try await friend.join(.id(id), voice: false)
        try await settle(stage, run)
        return (stage, run, friend, id)
    }

    /// Waits for the comparison for the new party, then for the shortest interval between two.
    private func settle(_ stage: StreamStage, _ run: StreamStage.Run) async throws {
        await stage.world.clock.sleeper(dueIn: .seconds(1))
        stage.world.clock.advance(by: .seconds(1))
        _ = try await run.events { $0.origin == .comparison && $0.type == "party.updated" }
    }

    /// The events of the comparison that the last action caused.
    private func compared(_ stage: StreamStage, _ run: StreamStage.Run) async throws -> [StreamEvent] {
        let before = run.events.count
        // The shortest interval after the one before.
        await stage.world.clock.sleeper(dueIn: .seconds(10))
        stage.world.clock.advance(by: .seconds(10))
        let seen = Tape<Int>()
        let events = try await run.events { event in
            seen.append(0)
            return event.type == "stream.resynced" && seen.count > before
        }
        _ = await run.end()
        return events.filter { $0.origin == .comparison }.suffix(1)
    }

    @Test func `a setting that changed without its value is read back`() async throws {
        let (stage, run, friend, id) = try await joined()
        await stage.world.service.reconfigure { $0.updatesWithoutValue = true }
        try await friend.edit(id, .name("renamed"))
        let told = try await compared(stage, run)
        #expect(told.first?.party?.changes == [.name("renamed")])
    }

    @Test func `a member that no event announced is read back`() async throws {
        let (stage, run, _, id) = try await joined()
        await stage.world.service.reconfigure { $0.joinsUntold = true }
        let other = try await stage.world.signedIn(2)
        // The events after a join name a member that was not announced.
        _ = try await other.join(.id(id), voice: true)
        let told = try await compared(stage, run)
        #expect(told.first?.type == "member.joined")
        #expect(told.first?.party?.members.first?.onlineID == "psparty-user-c")
    }

    @Test(arguments: [true, false])
    func `invitations that changed during an outage become events`(wasThere: Bool) async throws {
        var scenario = Scenario()
        scenario.invitationsPushed = false
        let stage = try await StreamStage(scenario)
        let friend = try await stage.world.signedIn(1)
        let id = try await friend.create(NewParty())
        let me = try await stage.client.accessToken().accountID
        if wasThere { try await friend.invite(me, to: id) }
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        await stage.world.clock.sleeper(dueIn: .seconds(600))
        let told = try await cut(stage, run) {
            if wasThere {
                await stage.world.service.withdrawInvitations(of: "A")
            } else {
                try await friend.invite(me, to: id)
            }
        }
        let found = told.filter { $0.origin == .comparison }
        #expect(found.map(\.type) == [wasThere ? "invitation.removed" : "invitation.received"])
        #expect(found.first?.party?.partyID == id)
        #expect(found.first?.party?.from?.onlineID == "psparty-user-b")
        _ = await run.end()
    }

    @Test(arguments: [true, false])
    func `an unlisted invitation is kept while its party is visible`(
        isWithdrawn: Bool
    ) async throws {
        var scenario = Scenario()
        scenario.invitationsListed = false
        let stage = try await StreamStage(scenario)
        let run = stage.run()
        _ = try await run.types(until: "stream.ready")
        let friend = try await stage.world.signedIn(1)
        let id = try await friend.create(NewParty())
        await stage.world.clock.sleeper(dueIn: .seconds(600))
        try await friend.invite(try await stage.client.accessToken().accountID, to: id)
        _ = try await run.types(until: "invitation.received")
        let seen = try await cut(stage, run) {
            if isWithdrawn { await stage.world.service.withdrawInvitations(of: "A") }
        }
        #expect(seen.filter { $0.type == "invitation.removed" }.count == (isWithdrawn ? 1 : 0))
        _ = await run.end()
    }

    @Test func `a refused list of invitations does not fail the comparison`() async throws {
        let (stage, run, friend, id) = try await joined()
        await stage.world.service.add(
            Fault(
                match: .init(path: "partySessionsInvitations", times: nil),
                action: .status(SimulatedResponse(status: 403))))
        let seen = try await cut(stage, run) { try await friend.edit(id, .name("renamed")) }
        #expect(seen.contains { $0.party?.changes == [.name("renamed")] && $0.origin == .comparison })
        _ = await run.end()
    }

    @Test func `a member who left and returned during an outage gives both events`() async throws {
        let (stage, run, friend, id) = try await joined()
        let seen = try await cut(stage, run) {
            _ = try await friend.leave(id)
            _ = try await friend.join(.id(id), voice: false)
        }
        #expect(seen.filter { $0.origin == .comparison }.map(\.type) == ["member.left", "member.joined"])
        _ = await run.end()
    }
}
