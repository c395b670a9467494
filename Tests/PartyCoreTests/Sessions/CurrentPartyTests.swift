import PartyCore
import PartyTestSupport
import Testing

@Suite struct CurrentPartyTests {
    @Test func `an empty file of the current party is ignored, a damaged one is an error`() async throws {
        let world = TestWorld()
        let store = MemoryStore()
        let client = try await world.signedIn(0, store: store)
        try store.save(.current.of(world.account(0)), [])
        #expect(try client.currentParty() == nil)
        let id = try await client.create(NewParty())
        #expect(try client.currentParty() == id)
        try store.save(.current.of(world.account(0)), Array("{\"parties\":[".utf8))
        let error = #expect(throws: PartyError.self) { try client.currentParty() }
        #expect(error?.kind == .storage)
    }

    @Test func `concurrent creations are all stored`() async throws {
        let client = try await TestWorld().signedIn(0, store: MemoryStore())
        let created = try await withThrowingTaskGroup(of: PartyID.self) { group in
            for _ in 0..<8 { group.addTask { try await client.create(NewParty()) } }
            return try await group.reduce(into: Set<PartyID>()) { $0.insert($1) }
        }
        var remembered: Set<PartyID> = []
        while let party = try client.currentParty() {
            remembered.insert(party)
            _ = try await client.leave(party)
        }
        #expect(created.count == 8)
        #expect(remembered == created)
    }

    @Test func `an empty credentials file is an error`() async throws {
        let store = MemoryStore()
        let client = try await TestWorld().signedIn(0, store: store)
        try store.save(.credentials, [])
        let error = await #expect(throws: PartyError.self) { try await client.accessToken() }
        #expect(error?.kind == .storage)
    }
}
