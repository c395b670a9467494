import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// Names and presence are optional in the list of friends, and no name goes to the wrong account.
struct FriendNamesTests {
    private static func stage(_ change: (inout Scenario) -> Void) async throws -> (PartyClient, TestWorld) {
        var scenario = Scenario()
        change(&scenario)
        let world = TestWorld(scenario, clock: ManualClock(isInstant: true))
        return (try await world.signedIn(0), world)
    }

    private static let single = "users/1000000000000000002/profiles"

    @Test func `profiles with account ids need one look-up`() async throws {
        let (client, world) = try await Self.stage { _ in }
        await world.service.clearRequests()
        #expect(try await client.friends().map(\.onlineID) == ["psparty-user-b", "psparty-user-c"])
        #expect(await world.service.requests().count == 3)
    }

    @Test func `without account ids the order is used if a second look-up agrees`() async throws {
        let (client, _) = try await Self.stage { $0.profiles = .inOrder }
        #expect(try await client.friends().map(\.onlineID) == ["psparty-user-b", "psparty-user-c"])
    }

    @Test func `an order other than the requested one gives no names`() async throws {
        let (client, world) = try await Self.stage { $0.profiles = .byName }
        #expect(try await client.friends().map(\.onlineID) == [nil, nil])
        // If single look-ups are refused, the only check is that the response stays the same.
        await world.service.add(
            Fault(match: .init(path: Self.single, times: nil), action: .status(SimulatedResponse(status: 403))))
        #expect(try await client.friends().map(\.onlineID) == [nil, nil])
    }

    @Test func `a response that differs each time gives no names`() async throws {
        let (client, world) = try await Self.stage {
            $0.profiles = .shuffled
            $0.accounts = 20
        }
        await world.service.add(
            Fault(match: .init(path: "users/1", times: nil), action: .status(SimulatedResponse(status: 403))))
        #expect(try await client.friends().compactMap(\.onlineID).isEmpty)
    }

    @Test(arguments: [
        #"{"profiles":[{"onlineId":"x"}]}"#, #"{"profiles":[{"onlineId":"x","accountId":"7"},{"onlineId":"y"}]}"#,
        #"{"profiles":[]}"#, #"{"profiles":5}"#, "<html></html>", #"{"error":{"code":2281486,"message":"no"}}"#,
    ])
    func `a name without a matching account is not used`(_ body: String) async throws {
        let (client, world) = try await Self.stage { _ in }
        let answer = SimulatedResponse(status: 200, body: Array(body.utf8))
        await world.service.add(Fault(match: .init(path: "users/profiles", times: nil), action: .status(answer)))
        #expect(try await client.friends().map(\.onlineID) == [nil, nil])
    }

    private static let refusals: [SimulatedResponse] = [
        SimulatedResponse(status: 403), SimulatedResponse(status: 404), SimulatedResponse(status: 500),
        SimulatedResponse(status: 200, body: Array("<html></html>".utf8)), SimulatedResponse(status: 200),
        SimulatedResponse(status: 200, body: Array(#"{"basicPresences":[{},5,{"accountId":""}]}"#.utf8)),
    ]

    @Test(arguments: refusals.indices)
    func `refused or invalid presence is unknown`(_ index: Int) async throws {
        let (client, world) = try await Self.stage { _ in }
        await world.service.add(
            Fault(match: .init(path: "basicPresences", times: nil), action: .status(Self.refusals[index])))
        let friends = try await client.friends()
        #expect(friends.map(\.onlineID) == ["psparty-user-b", "psparty-user-c"])
        #expect(friends.allSatisfy { $0.availability == nil && $0.platform == nil })
    }

    @Test func `without presence an explicit request gets an error`() async throws {
        let (client, world) = try await Self.stage { _ in }
        await world.service.add(
            Fault(match: .init(path: "basicPresences"), action: .status(SimulatedResponse(status: 403))))
        let error = await #expect(throws: PartyError.self) { _ = try await client.friends(needsPresence: true) }
        #expect(error?.kind == .forbidden)
    }

    @Test(arguments: ["psparty-old-b", "PSPARTY-Old-B", "psparty-user-b"])
    func `a renamed user is found by either name`(_ name: String) async throws {
        let (client, _) = try await Self.stage { $0.formerOnlineIds = ["psparty-old-b": "psparty-user-b"] }
        let user = try await client.user(.onlineID(name))
        #expect(user == User(accountID: AccountID(1_000_000_000_000_000_002), onlineID: "psparty-user-b"))
    }

    @Test func `an account with a similar name is not used`() async throws {
        let (client, world) = try await Self.stage { _ in }
        let body = #"{"profile":{"accountId":"5","onlineId":"psparty-user-bb","currentOnlineId":""}}"#
        await world.service.add(
            Fault(
                match: .init(path: "profile2"), action: .status(SimulatedResponse(status: 200, body: Array(body.utf8))))
        )
        let error = await #expect(throws: PartyError.self) { _ = try await client.user(.onlineID("psparty-user-b")) }
        #expect(error?.kind == .notFound)
    }
}
