import PartyTestSupport
import Testing

@testable import PartyCore

struct DeadlineTests {
    /// Ends when the test says so, also if the task is cancelled.
    private static func stubborn(_ end: OneShotEvent) async throws(PartyError) {
        await Task { await end.wait() }.value
    }

    @Test func `a body that ignores its cancellation is waited for up to the limit`() async throws {
        let clock = ManualClock()
        let end = OneShotEvent()
        let bounded = Task {
            await clock.partyClock.within(.seconds(5), step: "leave") { () throws(PartyError) in
                try await Self.stubborn(end)
            }
        }
        await clock.sleepers(1)
        clock.advance(by: .seconds(5))
        let result = try await PartyTestSupport.within(.seconds(20), "the end of the wait") { await bounded.value }
        end.set()
        guard case .failure(let error) = result else {
            Issue.record("it has ended in time")
            return
        }
        #expect(error.kind == .timeout)
    }

    @Test func `a result in time is returned`() async {
        let clock = ManualClock()
        let result = await clock.partyClock.within(.seconds(5), step: "leave") { () throws(PartyError) in 7 }
        #expect(result == .success(7))
    }

    @Test func `a cancelled caller still waits for a save in progress`() async throws {
        let clock = ManualClock()
        let end = OneShotEvent()
        let begun = OneShotEvent()
        let bounded = Task {
            await clock.partyClock.within(.seconds(5), step: "leave") { () throws(PartyError) in
                begun.set()
                try await Self.stubborn(end)
                return Task.isCancelled
            }
        }
        await begun.wait()
        bounded.cancel()
        end.set()
        let result = try await PartyTestSupport.within(.seconds(20), "the end of the wait") { await bounded.value }
        #expect(result == .success(true))
    }
}
