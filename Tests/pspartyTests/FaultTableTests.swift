import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Faults × commands: the exit status, how often the request was sent, and what state is left.
@Suite struct FaultTableTests {
    /// A command that changes something, its request, and the check of its effect.
    enum Deed: String, Sendable, CaseIterable {
        case create, join, leave, edit, invite

        var method: String {
            switch self {
            case .create, .join, .invite: "POST"
            case .leave: "DELETE"
            case .edit: "PATCH"
            }
        }

        var isRepeatable: Bool { method != "POST" }
        /// Whether the state can be read back when the answer is lost.
        var isReadBack: Bool { self == .create || self == .join }

        /// The end of the request's path.
        func isRequest(_ target: String, party: String) -> Bool {
            switch self {
            case .create: target.hasSuffix("/partySessions")
            case .join: target.hasSuffix("/\(party)/members")
            case .leave: target.hasSuffix("/\(party)/members/me")
            case .edit: target.hasSuffix("/partySessions/\(party)")
            case .invite: target.hasSuffix("/\(party)/invitations")
            }
        }
    }

    enum Trouble: String, Sendable, CaseIterable {
        case brokenOnce, brokenForGood, tooManyOnce, tooManyForGood, resetBefore, resetAfter, lostAnswer, lateRefusal
        case unreadableAnswer, expiredToken, refused, notFound

        var action: Fault.Action {
            switch self {
            case .brokenOnce, .brokenForGood, .lateRefusal: .status(SimulatedResponse(status: 503))
            case .tooManyOnce, .tooManyForGood:
                .status(SimulatedResponse(status: 429, headers: [(name: "Retry-After", value: "1")]))
            case .resetBefore, .resetAfter: .reset
            case .lostAnswer: .drop
            case .unreadableAnswer: .wrongJSON
            case .expiredToken: .expireAccessTokens
            case .refused: .status(SimulatedResponse(status: 400))
            case .notFound: .status(SimulatedResponse(status: 404))
            }
        }

        var times: Int? {
            switch self {
            case .brokenForGood, .tooManyForGood, .refused, .notFound: nil
            default: 1
            }
        }

        /// Whether the service applies the change in spite of the fault.
        var isProcessed: Bool { [.resetAfter, .lostAnswer, .lateRefusal].contains(self) }

        /// Exit status, number of requests, whether the change was made.
        func outcome(of effect: Deed) -> (status: Int32, sent: Int, isDone: Bool) {
            switch self {
            case .brokenOnce, .resetBefore: effect.isRepeatable ? (0, 2, true) : (7, 1, false)
            case .tooManyOnce: effect.isRepeatable ? (0, 2, true) : (6, 1, false)
            case .brokenForGood: (7, effect.isRepeatable ? 3 : 1, false)
            case .tooManyForGood: (6, effect.isRepeatable ? 3 : 1, false)
            case .resetAfter, .lostAnswer, .lateRefusal:
                // A repeated DELETE or PATCH has the same effect as one.
                effect.isRepeatable ? (0, 2, true) : (effect.isReadBack ? 0 : 7, 1, true)
            // The bodies of the other responses are not read: only the status counts.
            case .unreadableAnswer: (0, 1, true)
            case .expiredToken: (0, 2, true)
            case .refused: (1, 1, false)
            case .notFound: effect == .leave ? (0, 1, false) : (3, 1, false)
            }
        }
    }

    @Test(arguments: Deed.allCases, Trouble.allCases)
    func `each fault leads to its status, requests and state`(effect: Deed, trouble: Trouble) async throws {
        let harness = CommandHarness()
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let service = harness.world.service
        let party = effect == .create ? "" : String(await harness.run("create").stdout.dropLast())
        await service.clearRequests()
        let path = effect == .create ? "v2/partySessions" : "v2/partySessions/\(party)"
        await service.add(
            Fault(
                match: .init(method: effect.method, path: path, times: trouble.times), action: trouble.action,
                isProcessed: trouble.isProcessed))
        let result = await harness.run(arguments(effect, party))
        let expected = trouble.outcome(of: effect)
        #expect(result.status == expected.status, "\(result.stderr)")
        let sent = await service.requests().filter {
            $0.method == effect.method && effect.isRequest($0.target, party: party)
        }
        #expect(sent.count == expected.sent)
        await service.clearFaults()
        #expect(await isDone(effect, party, harness, result) == expected.isDone)
        if effect == .create, expected.status == 0 {
            let parties = await harness.run("list").stdout.split(separator: "\n")
            #expect(parties.map { $0.prefix(36) } == [result.stdout.prefix(36)])
        }
    }

    private func arguments(_ effect: Deed, _ party: String) -> [String] {
        switch effect {
        case .create: ["create"]
        case .join: ["join", party, "--profile", "bob"]
        case .leave: ["leave"]
        case .edit: ["edit", "--name", "New"]
        case .invite: ["invite", "1000000000000000003"]
        }
    }

    /// Whether the simulator's state shows the change.
    private func isDone(_ effect: Deed, _ party: String, _ harness: CommandHarness, _ result: CommandResult) async
        -> Bool
    {
        switch effect {
        case .create: return !(await harness.run("list").stdout.isEmpty)
        case .join: return await harness.run("show", party, "--json").stdout.contains("psparty-user-b")
        case .leave: return await harness.run("show", party).status != 0
        case .edit: return await harness.run("show", party).stdout.contains("New")
        case .invite:
            await harness.signIn(2, profile: "carol")
            return !(await harness.run("invitations", "--profile", "carol").stdout.isEmpty)
        }
    }

    @Test func `a budget of 300 requests in 15 minutes applies to all processes together`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        // The sign-in looked the name up: one request is used.
        for _ in 0..<299 { #expect(await harness.run("friends").status != 6 || harness.isSpent) }
        let refused = await harness.run("list", "--json")
        #expect(refused.status == 6)
        #expect(refused.stderr.contains("budget of 300 requests"))
        harness.world.clock.advance(by: .seconds(15 * 60))
        #expect(await harness.run("list").status == 0)
    }

    @Test func `the command that takes the first of the last 30 requests says so, once`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        await harness.spend(268)
        // One request each.
        let told = [await harness.run("list"), await harness.run("list"), await harness.run("list")]
        #expect(told.map(\.status) == [0, 0, 0])
        #expect(
            told.map { $0.stderr.contains("30 of the profile's 300 requests in 15 minutes are left") } == [
                false, true, false,
            ])
        await harness.spend(269)
        #expect(await harness.run("list", "--quiet").stderr.isEmpty)
    }
}

extension CommandHarness {
    /// Whether the profile's budget contains 300 times.
    fileprivate var isSpent: Bool {
        guard let bytes = store().kept(.budget) else { return false }
        return bytes.split(separator: UInt8(ascii: ",")).count >= 300
    }
}
