import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `watch` of a recording of `listen --record`.
@Suite(.timeLimit(.minutes(5))) struct WatchRecordingTests {
    private let scratch: ScratchFolder
    private let harness = CommandHarness()

    init() async throws {
        scratch = try ScratchFolder()
        await harness.signIn()
    }

    /// A party of two, recorded from its beginning.
    private func recording() async throws -> String {
        let file = scratch("party.ndjson")
        // The clock stands still, so that the stream is not lost meanwhile.
        let harness = CommandHarness(Scenario(), clock: ManualClock())
        await harness.signIn()
        async let recorded = harness.run("listen", "--record", file, "--type", "member.joined", "--count", "2")
        await harness.world.pushIsReady(for: 0)
        let id = try await harness.world.signedIn(0).create(NewParty())
        _ = try await harness.world.signedIn(1).join(.id(id), voice: false)
        #expect(await recorded.status == 0)
        return file
    }

    @Test func `on a terminal it shows the final roster and keeps running`() async throws {
        let file = try await recording()
        let terminal = TerminalDouble()
        // On a clock that runs by itself the screen would be drawn without a pause.
        let harness = CommandHarness(Scenario(), clock: ManualClock())
        harness.use(terminal)
        let (signals, post) = AsyncStream<Int32>.makeStream()
        let interrupts = Interrupts(signals: signals, stop: { post.finish() })
        async let result = harness.run(
            ["watch", "--recording", file, "--speed", "max"], variables: ["NO_COLOR": "1"], interrupts: interrupts)
        try await eventually(.seconds(30), "both members, and the end") { [clock = harness.world.clock] in
            for _ in 0..<50 { await Task.yield() }
            clock.advance(by: .milliseconds(100))
            let text = terminal.lines.joined(separator: "\n")
            return text.contains("psparty-user-a") && text.contains("psparty-user-b") && text.contains("recording")
        }
        post.yield(2)
        #expect(await result.status == 130)
        #expect(terminal.isAsBefore)
    }

    @Test func `without a terminal it prints the events`() async throws {
        let file = try await recording()
        let watched = await harness.run("watch", "--recording", file, "--speed", "max", "--json")
        #expect(watched.status == 0, "\(watched.stderr)")
        for member in ["1000000000000000001", "1000000000000000002"] {
            let joined = #""members":[{"accountId":"\#(member)""#
            #expect(watched.stdout.contains(joined), "\(watched.stdout)")
        }
        let again = await harness.run("watch", "--recording", file, "--speed", "max", "--json")
        #expect(again == watched)
    }

    @Test(arguments: [
        (["watch", "--speed", "2"], 64), (["watch", "-", "--recording", "-"], 64),
        (["watch", "--recording", "/nowhere/at/all"], 3),
        (["watch", "https://x.example/pl/1", "--recording", "f"], 64),
    ])
    func `impossible combinations of options are refused`(words: [String], status: Int) async {
        let result = await harness.run(words)
        #expect(result.status == Int32(status), "\(result.stderr)")
        #expect(result.stdout.isEmpty)
    }
}
