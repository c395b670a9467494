import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// How many requests the start of a stream takes, by the log of the service.
struct StreamStartTests {
    /// What the service is asked until the first comparison is over.
    private func requests(parties: Int, hasSnapshot: Bool) async throws -> (targets: [String], told: [StreamEvent]) {
        let stage = try await StreamStage()
        let friend = try await stage.world.signedIn(1)
        for _ in 0..<parties { _ = try await stage.client.create(NewParty()) }
        try await friend.invite(
            try await stage.client.accessToken().accountID, to: try await friend.create(NewParty()))
        await stage.world.service.clearRequests()
        var options = PartyFeed.Options()
        options.beginsWithSnapshot = hasSnapshot
        let run = stage.run(options)
        _ = try await run.types(until: "stream.ready")
        // The next is the audit.
        await stage.world.clock.sleeper(dueIn: .seconds(600))
        let targets = await stage.world.service.requests().map { request in
            String(request.target.prefix { $0 != "?" })
        }
        let told = run.events.all
        _ = await run.end()
        return (targets, told)
    }

    @Test(arguments: [0, 1, 2, 3], [false, true])
    func `a start takes five requests at most, and tells every party and invitation`(
        parties: Int, hasSnapshot: Bool
    ) async throws {
        let (targets, told) = try await requests(parties: parties, hasSnapshot: hasSnapshot)
        #expect(targets.count <= 5, "\(targets)")
        #expect(targets.filter { $0.hasSuffix("/pushNotification") }.count == 1)
        #expect(told.filter { $0.type == "invitation.received" }.count == 1)
        #expect(told.filter { $0.type == "party.created" }.count == parties)
    }

    @Test func `a party that the list shows without its members' data is looked up`() async throws {
        let stage = try await StreamStage()
        let id = try await stage.client.create(NewParty())
        let sparse = #"{"parties":[{"sessionId":"\#(id.text)","members":[{"accountId":"1000000000000000001"}]}]}"#
        await stage.world.service.add(
            Fault(
                match: .init(path: "bulkGet", times: nil),
                action: .status(SimulatedResponse(status: 200, body: Array(sparse.utf8)))))
        let run = stage.run()
        let told = try await run.events { $0.type == "member.joined" }
        #expect(told.last?.party?.members.first?.onlineID == "psparty-user-a")
        _ = await run.end()
    }
}
