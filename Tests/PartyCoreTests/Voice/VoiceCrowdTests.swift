import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// The requests of a start in a full party, of the 300 that a profile may send in 15 minutes.
@Suite(.timeLimit(.minutes(5))) struct VoiceCrowdTests {
    private static let size = 16
    /// A start may send that many requests, and one for each other member.
    private static let limit = 8 + size - 1

    @Test(arguments: [0, 7, 15])
    func `the first run offers once to each member and creates the bridge`(account: Int) async throws {
        let stage = try await VoiceCrowdStage(size: Self.size)
        let time = stage.passTime()
        defer { time.cancel() }
        let run = stage.start(account)
        try await eventually(.seconds(60), "the bridge") { run.agreed == [.bridge] }
        // Members without a run answer nothing; the next offer to them follows after a minute.
        try await stage.wait(.seconds(20))
        let requests = await stage.requests(of: account)
        #expect(requests.count { $0.hasSuffix("/customMessage") } == Self.size - 1)
        #expect(requests.count <= Self.limit, "\(requests)")
        await run.end()
        #expect(try await stage.places() == [])
    }

    @Test(arguments: [0, 7, 15])
    func `the last run offers once to each member and joins the bridge`(account: Int) async throws {
        let stage = try await VoiceCrowdStage(size: Self.size)
        let time = stage.passTime()
        defer { time.cancel() }
        var runs = (0..<Self.size).filter { $0 != account }.map { stage.start($0) }
        try await eventually(.seconds(120), "the others agree") { [runs] in
            runs.allSatisfy { $0.agreed.count == Self.size - 1 }
        }
        // Their offers to members without a run have been sent and wait for the repetition.
        try await stage.wait(.seconds(15))
        await stage.world.service.clearRequests()
        let last = stage.start(account)
        runs.append(last)
        try await eventually(.seconds(60), "all agree") { last.agreed.count == Self.size }
        try await stage.wait(.seconds(5))
        let requests = await stage.requests(of: account)
        #expect(requests.count <= Self.limit, "\(requests)")
        #expect(try await stage.places() == [Self.size])
        for run in runs { run.task.cancel() }
        for run in runs { await run.end() }
        #expect(try await stage.places() == [])
    }

    /// As many processes on few processors begin: each at a moment of its own, in any order.
    @Test(arguments: [100, 500], [1, 2] as [UInt64])
    func `members who start within three seconds exchange one offer for each pair`(
        latency: Int, seed: UInt64
    ) async throws {
        var chance = SeededChance(seed: seed)
        let stage = try await VoiceCrowdStage(size: Self.size, latency: latency)
        let time = stage.passTime()
        defer { time.cancel() }
        let runs = (0..<Self.size).map { account in
            stage.start(account, after: .milliseconds(Int.random(in: 0...3000, using: &chance)))
        }
        try await eventually(.seconds(120), "all agree") { runs.allSatisfy { $0.agreed.count == Self.size } }
        try await stage.wait(.seconds(15))
        var requests: [[String]] = []
        for account in 0..<Self.size { requests.append(await stage.requests(of: account)) }
        func hasDeleted(_ requests: [String]) -> Bool { requests.contains { $0.hasPrefix("DELETE") } }
        // A member that links a second bridge removes it and joins the first one. Its event makes the others look once more.
        let more = requests.contains(where: hasDeleted) ? 1 : 0
        for (account, requests) in requests.enumerated() {
            let others = requests.filter { !$0.hasSuffix("/customMessage") }
            #expect(requests.count - others.count == Self.size - 1, "member \(account)")
            let limit = 8 + more + (hasDeleted(requests) ? 3 : 0)
            #expect(others.count <= limit, "member \(account): \(others)")
        }
        #expect(try await stage.places() == [Self.size])
        for run in runs { run.task.cancel() }
        for run in runs { await run.end() }
        #expect(try await stage.places() == [])
    }

    @Test func `of concurrent runs one creates a bridge, and each pair agrees once`() async throws {
        let stage = try await VoiceCrowdStage(size: Self.size)
        let time = stage.passTime()
        defer { time.cancel() }
        let runs = (0..<Self.size).map { stage.start($0) }
        try await eventually(.seconds(120), "all agree") { runs.allSatisfy { $0.agreed.count == Self.size } }
        try await stage.wait(.seconds(15))
        for account in 0..<Self.size {
            let requests = await stage.requests(of: account)
            let others = requests.filter { !$0.hasSuffix("/customMessage") }
            #expect(requests.count <= Self.limit, "member \(account): \(requests.count - others.count) and \(others)")
        }
        #expect(try await stage.places() == [Self.size])
        for run in runs { run.task.cancel() }
        for run in runs { await run.end() }
        #expect(try await stage.places() == [])
    }
}
