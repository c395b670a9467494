import ArgumentParser
import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `listen` as a service, on a manual clock.
@Suite(.timeLimit(.minutes(5))) struct ServiceNotifierTests {
    private static let variables = ["NOTIFY_SOCKET": "@test", "WATCHDOG_USEC": "10000000"]
    private static let connected = "STATUS=connected, signing in"
    private static let ready = "READY=1\nSTATUS=listening\nWATCHDOG=1"
    private static let end = "STOPPING=1\nSTATUS=closing the stream"

    private func told(_ harness: CommandHarness, _ count: Int) async throws -> [String] {
        _ = try await within(.seconds(20), "\(count) messages") { [told = harness.told] in
            try await told.value(at: count - 1)
        }
        return harness.told.all
    }

    @Test func `the service manager gets READY, WATCHDOG and STOPPING`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        let clock = harness.world.clock
        await harness.signIn()
        async let result = harness.run(["listen", "--timeout", "25s"], variables: Self.variables)
        // The keepalive timer, the audit, the time limit, and the next WATCHDOG message.
        await clock.sleepers(4)
        #expect(try await told(harness, 2) == [Self.connected, Self.ready])
        for meal in 1...4 {
            clock.advance(by: .seconds(5))
            #expect(try await told(harness, 2 + meal).last == "WATCHDOG=1")
            await clock.sleepers(4)
        }
        clock.advance(by: .seconds(5))
        #expect(await result.status == 0)
        #expect(harness.told.all.last == Self.end)
        #expect(harness.told.all.filter { $0.contains("READY") } == [Self.ready])
    }

    @Test func `on a silent connection READY is sent, but no WATCHDOG`() async throws {
        var scenario = Scenario()
        scenario.clientFramesAnswered = false
        let harness = CommandHarness(scenario, clock: ManualClock())
        let (service, clock) = (harness.world.service, harness.world.clock)
        await harness.signIn()
        await service.add(Fault(match: .init(path: "/np/pushNotification", times: nil), action: .noPong))
        async let result = harness.run(["listen", "--timeout", "1h"], variables: Self.variables)
        #expect(try await told(harness, 1) == [Self.connected])
        await clock.sleepers(2)
        #expect(harness.told.all == [Self.connected])
        clock.advance(by: .seconds(2))
        #expect(try await told(harness, 2).last == "READY=1\nSTATUS=listening")
        // Losses and attempts repeat; the service manager would have ended this after ten seconds.
        for _ in 1...120 {
            // The same four waits.
            await clock.sleepers(4)
            clock.advance(by: .milliseconds(500))
        }
        #expect(harness.told.all.filter { $0.contains("no stream") }.count >= 3)
        #expect(!harness.told.all.contains { $0.contains("WATCHDOG") })
        clock.advance(by: .seconds(3600))
        #expect(await result.status == 0)
        #expect(harness.told.all.last == Self.end)
    }

    @Test func `the unit in the documentation names a real command and Type=notify`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/systemd/psparty-listen.service")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        #expect(lines.contains("Type=notify"))
        let start = try #require(lines.first { $0.hasPrefix("ExecStart=") })
        let words = start.split(separator: " ").map(String.init)
        #expect(words.first == "ExecStart=/usr/local/bin/psparty")
        #expect(try Psparty.parseAsRoot(Array(words.dropFirst())) is Listen)
    }

    @Test func `a failed sign-in sends no READY`() async throws {
        let harness = CommandHarness()
        let result = await harness.run(["listen"], variables: Self.variables)
        #expect(result.status == 4)
        #expect(harness.told.all.isEmpty)
    }

    @Test func `without a service manager nothing is sent`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        let clock = harness.world.clock
        await harness.signIn()
        async let result = harness.run(["listen", "--timeout", "25s"], variables: ["WATCHDOG_USEC": "10000000"])
        await clock.sleepers(2)
        clock.advance(by: .seconds(25))
        #expect(await result.status == 0)
        #expect(harness.told.all.isEmpty)
    }
}
