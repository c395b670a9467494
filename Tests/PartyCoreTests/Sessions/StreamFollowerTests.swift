import PartyTestSupport
import Testing

@testable import PartyCore

/// A follower of a holder that the test plays.
@Suite(.timeLimit(.minutes(1))) struct StreamFollowerTests {
    private let clock = ManualClock()

    private let activity = Tape<Void>()

    private func follow(_ line: ShareConnection) -> Task<StreamFollower.End?, Never> {
        let outlet = StreamOutlet(receiver: .atOnce { _ in }, record: nil)
        let follower = StreamFollower(
            clock: clock.partyClock, options: PartyFeed.Options(), outlet: outlet,
            onActivity: { [activity] in activity.append(()) })
        return Task {
            var fold = StreamFold()
            return try? await follower.run(line, &fold)
        }
    }

    private static func greeting(of context: String) -> [UInt8] {
        var json = JSONWriter()
        StreamGreeting(context: ContextID(context), isReady: true, isInSync: true, connection: 1).write(to: &json)
        return json.bytes.dropLast()
    }

    @Test func `a silent holder is left, one with signs of life is not`() async {
        let (received, say) = AsyncStream<[[UInt8]]>.makeStream()
        let line = ShareConnection(received: received, send: { _ in }, close: { say.finish() })
        let end = follow(line)
        say.yield([Self.greeting(of: "mark")])
        for _ in 0..<4 {
            await clock.sleeper(dueIn: StreamFollower.silence)
            say.yield([StreamHolder.sign])
            clock.advance(by: StreamFollower.silence)
        }
        for _ in 0..<StreamFollower.quietLooks {
            await clock.sleeper(dueIn: StreamFollower.silence)
            clock.advance(by: StreamFollower.silence)
        }
        guard case .holderGone(let context)? = await end.value else {
            Issue.record("it is still followed, or was never")
            return
        }
        #expect(context == ContextID("mark"))
        #expect(activity.count == 1, "the greeting is activity of the stream, a heartbeat of the holder is not")
    }

    @Test func `a pong is a sign of life of the stream`() async throws {
        let (received, say) = AsyncStream<[[UInt8]]>.makeStream()
        let end = follow(ShareConnection(received: received, send: { _ in }, close: { say.finish() }))
        say.yield([Self.greeting(of: "mark")])
        say.yield([Array("{}".utf8)])
        say.yield([StreamHolder.sign])
        say.finish()
        guard case .holderGone? = await end.value else {
            Issue.record("it was never followed")
            return
        }
        #expect(activity.count == 2)
    }

    @Test func `a holder without a stream is reported at once, with the time of its next attempt`() async throws {
        let (received, say) = AsyncStream<[[UInt8]]>.makeStream()
        let events = Tape<StreamEvent>()
        let outlet = StreamOutlet(receiver: .atOnce { for event in $0 { events.append(event) } }, record: nil)
        let follower = StreamFollower(clock: clock.partyClock, options: PartyFeed.Options(), outlet: outlet)
        let line = ShareConnection(to: 123, received: received, send: { _ in }, close: { say.finish() })
        let end = Task {
            var fold = StreamFold()
            return try? await follower.run(line, &fold)
        }
        var json = JSONWriter()
        StreamGreeting(
            context: ContextID("mark"), isReady: false, isInSync: false, connection: 3,
            outage: .init(reason: "cut", retryAfter: .milliseconds(1500))
        ).write(to: &json)
        say.yield([json.bytes.dropLast()])
        say.finish()
        _ = await end.value
        #expect(events.all.map(\.connection) == [0])
        guard case .lifecycle(.lost(let reason, .milliseconds(1500)))? = events.all.first?.content else {
            Issue.record("\(events.all)")
            return
        }
        #expect(reason == "process 123, which holds the push connection of this profile, has lost it: cut")
    }

    @Test func `a run that joins between connected and ready prints both`() async throws {
        let (received, say) = AsyncStream<[[UInt8]]>.makeStream()
        let events = Tape<StreamEvent>()
        let outlet = StreamOutlet(receiver: .atOnce { for event in $0 { events.append(event) } }, record: nil)
        let follower = StreamFollower(clock: clock.partyClock, options: PartyFeed.Options(), outlet: outlet)
        let line = ShareConnection(received: received, send: { _ in }, close: { say.finish() })
        var greeting = JSONWriter()
        StreamGreeting(context: ContextID("mark"), isReady: false, isInSync: false, connection: 2).write(to: &greeting)
        say.yield([greeting.bytes.dropLast()])
        // The second connection is announced as the holder announces it, without one added.
        for lifecycle in [StreamLifecycle.ready, .lost(reason: "cut", retryAfter: .zero), .connected, .ready] {
            var json = JSONWriter()
            StreamRecord(.lifecycle(lifecycle), connection: 2, time: clock.partyClock.now()).write(to: &json)
            say.yield([json.bytes.dropLast()])
        }
        say.finish()
        var fold = StreamFold()
        _ = try await follower.run(line, &fold)
        let lifecycles = events.all.map { event in
            switch event.content {
            case .lifecycle(.connected): "connected"
            case .lifecycle(.ready): "ready"
            case .lifecycle(.lost): "lost"
            default: "other"
            }
        }
        #expect(lifecycles == ["connected", "ready", "lost", "connected", "ready"])
    }

    @Test(arguments: [true, false])
    func `without reconnecting no next attempt is reported`(isLostBefore: Bool) async throws {
        let (received, say) = AsyncStream<[[UInt8]]>.makeStream()
        let events = Tape<StreamEvent>()
        let outlet = StreamOutlet(receiver: .atOnce { for event in $0 { events.append(event) } }, record: nil)
        var options = PartyFeed.Options()
        options.reconnects = false
        let follower = StreamFollower(clock: clock.partyClock, options: options, outlet: outlet)
        let line = ShareConnection(to: 123, received: received, send: { _ in }, close: { say.finish() })
        let end = Task { () -> PartyError? in
            var fold = StreamFold()
            do throws(PartyError) { _ = try await follower.run(line, &fold) } catch { return error }
            return nil
        }
        if isLostBefore {
            var json = JSONWriter()
            StreamGreeting(
                context: ContextID("mark"), isReady: false, isInSync: false, connection: 3,
                outage: .init(reason: "cut", retryAfter: .milliseconds(1500))
            ).write(to: &json)
            say.yield([json.bytes.dropLast()])
        } else {
            say.yield([Self.greeting(of: "mark")])
            var json = JSONWriter()
            StreamRecord(
                .lifecycle(.lost(reason: "cut", retryAfter: .seconds(9))), connection: 1, time: clock.partyClock.now()
            )
            .write(to: &json)
            say.yield([json.bytes.dropLast()])
        }
        let error = try #require(await end.value)
        #expect(error.kind == .unreachable && error.message.hasPrefix("the push stream was lost: "))
        #expect(error.message.hasSuffix("cut"))
        #expect(events.all.allSatisfy { if case .lifecycle(.lost) = $0.content { false } else { true } })
    }

    @Test func `data sent before the end is read after it`() async throws {
        let (received, say) = AsyncStream<[[UInt8]]>.makeStream()
        let count = Tape<StreamEvent>()
        let outlet = StreamOutlet(receiver: .atOnce { for event in $0 { count.append(event) } }, record: nil)
        let follower = StreamFollower(clock: clock.partyClock, options: PartyFeed.Options(), outlet: outlet)
        let frame = Array(#"{"time":"2023-11-14T22:13:20.000Z","connection":1,"frame":{"method":3001}}"#.utf8)
        say.yield([Self.greeting(of: "mark")])
        for _ in 0..<100 { say.yield([frame]) }
        let line = ShareConnection(received: received, send: { _ in }, close: { say.finish() })
        let run = Task {
            // Before the follower begins to read.
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            var fold = StreamFold()
            return try? await follower.run(line, &fold)
        }
        _ = await run.value
        #expect(count.all.filter { $0.party != nil }.count == 100)
    }
}
