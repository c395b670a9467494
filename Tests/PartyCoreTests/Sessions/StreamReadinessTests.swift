import PartyTestSupport
import Testing

@testable import PartyCore

/// A wait for a stream ends at a deadline, with a reason.
struct StreamReadinessTests {
    private let clock = ManualClock()

    private func event(_ lifecycle: StreamLifecycle) -> [StreamEvent] {
        [StreamEvent(time: Timestamp(milliseconds: 0), connection: 0, content: .lifecycle(lifecycle))]
    }

    private func failure(_ readiness: StreamReadiness) -> Task<PartyError?, Never> {
        Task { [clock] in await readiness.failure(clock.partyClock) }
    }

    @Test func `waiting ends when the stream is ready`() async {
        let readiness = StreamReadiness()
        let failure = failure(readiness)
        await clock.sleeper(dueIn: .seconds(30))
        readiness.take(event(.lost(reason: "cut", retryAfter: .seconds(1))))
        await clock.sleeper(dueIn: .seconds(10))
        readiness.take(event(.ready))
        #expect(await failure.value == nil)
    }

    @Test func `waiting for a silent stream ends after 30 s`() async {
        let failure = failure(StreamReadiness())
        await clock.sleeper(dueIn: .seconds(30))
        clock.advance(by: .seconds(30))
        #expect(await failure.value?.message == "the push stream was not ready within 30 s")
    }

    @Test func `waiting for a lost stream ends after 10 s, with the reason`() async {
        let readiness = StreamReadiness()
        let failure = failure(readiness)
        readiness.take(event(.retrying(reason: "no route", retryAfter: .seconds(2), isAdvised: false)))
        await clock.sleeper(dueIn: .seconds(10))
        clock.advance(by: .seconds(10))
        let error = await failure.value
        #expect(error?.kind == .unreachable)
        #expect(error?.message == "there is no push stream: no route")
    }

    @Test func `a distant next attempt is not waited for`() async {
        let readiness = StreamReadiness()
        let failure = failure(readiness)
        readiness.take(event(.lost(reason: "refused", retryAfter: .seconds(120))))
        #expect(await failure.value?.message == "there is no push stream: refused; the next try is in 120 s")
    }
}
