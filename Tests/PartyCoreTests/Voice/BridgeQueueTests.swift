import PartySimulator
import PartyTestSupport
import Testing

@testable import PartyCore

@Suite(.timeLimit(.minutes(2))) struct BridgeQueueTests {
    private static let answer = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"

    /// The queue of one account in a party of three, and its news in order.
    private struct Bench: Sendable {
        let stage: BridgeStage
        let queue: BridgeQueue
        let task: Task<Void, Never>
        let look: PartyLook
        private let tape: Tape<BridgeQueue.News>
        var clock: ManualClock { stage.world.clock }

        init(_ stage: BridgeStage, account: Int = 0) async throws {
            let client = stage.session(account) { environment in
                environment.settings.voice.linkDelay = .zero
                environment.settings.voice.peerDelay = .zero
            }.client
            let identity = try await VoiceIdentity(in: stage.party, client)
            let tape = Tape<BridgeQueue.News>()
            let queue = BridgeQueue(client, identity) { tape.append($0) }
            self.stage = stage
            self.queue = queue
            self.tape = tape
            look = identity.look
            task = Task { await queue.run() }
        }

        /// Waits until so many news have come and returns them.
        func news(_ count: Int) async throws -> [String] {
            try await eventually(.seconds(20), "news \(count)") { [tape] in tape.count >= count }
            return tape.all.map { news in
                switch news {
                case .looked: "looked"
                case .offered(_, let others): "offered, \(others) others"
                case .answered: "answered"
                case .lost: "lost"
                case .failed(let error): "failed \(error.status ?? 0)"
                }
            }
        }

        /// Ends the queue, which waits for no timer.
        func end() async {
            task.cancel()
            await task.value
        }
    }

    @Test func `the first of the roster makes the bridge at once, and its answer is delivered`() async throws {
        let bench = try await Bench(try await BridgeStage(clock: ManualClock()))
        bench.queue.add(.begin(from: bench.look))
        #expect(try await bench.news(2) == ["looked", "offered, 0 others"])
        bench.queue.add(.answer(sdp: Self.answer))
        #expect(try await bench.news(3).last == "answered")
        #expect(try await bench.stage.leftovers() == .init(bridges: [["1"]], linked: 1))
        await bench.end()
    }

    @Test func `another member waits for its turn, and joins the bridge that was linked meanwhile`() async throws {
        let stage = try await BridgeStage(clock: ManualClock())
        let bench = try await Bench(stage, account: 2)
        bench.queue.add(.begin(from: bench.look))
        await bench.clock.sleepers(1)
        #expect(await stage.sent().isEmpty)
        _ = try await stage.session(1) { $0.settings.voice = Self.withoutPauses }.open(stage.party)
        // An event of the stream says so. The run has not looked since.
        bench.queue.add(.check(since: bench.clock.uptime + .milliseconds(1)))
        #expect(try await bench.news(2) == ["looked", "offered, 1 others"])
        // The turn comes all the same, and is void.
        bench.clock.advance(by: .seconds(10))
        bench.queue.add(.answer(sdp: Self.answer))
        #expect(try await bench.news(3).last == "answered")
        #expect(try await stage.leftovers() == .init(bridges: [["2", "3"]], linked: 1))
        await bench.end()
    }

    @Test func `a member whose turn comes makes the bridge, without another look before`() async throws {
        let bench = try await Bench(try await BridgeStage(clock: ManualClock()), account: 1)
        bench.queue.add(.begin(from: bench.look))
        await bench.clock.advanceToNextDeadline()
        #expect(bench.clock.uptime >= .milliseconds(1200))
        #expect(try await bench.news(2) == ["looked", "offered, 0 others"])
        #expect(try await bench.stage.leftovers() == .init(bridges: [["2"]], linked: 1))
        await bench.end()
    }

    @Test func `an answer that may be lost is followed by a new offer, twice, and then by a pause`() async throws {
        let bench = try await Bench(try await BridgeStage(clock: ManualClock()))
        await bench.stage.fault("POST", "answer", .status(SimulatedResponse(status: 500)), times: 3)
        bench.queue.add(.open)
        // A look before the bridge is made, and one after it was linked.
        #expect(try await bench.news(3) == ["looked", "looked", "offered, 0 others"])
        bench.queue.add(.answer(sdp: Self.answer))
        #expect(try await bench.news(5).suffix(2) == ["failed 500", "offered, 0 others"])
        bench.queue.add(.answer(sdp: Self.answer))
        #expect(try await bench.news(6).last == "offered, 0 others", "the same failure is reported once")
        bench.queue.add(.answer(sdp: Self.answer))
        await bench.clock.advanceToNextDeadline()
        #expect(bench.clock.uptime >= .seconds(10))
        #expect(try await bench.news(9).suffix(2) == ["looked", "offered, 0 others"])
        bench.queue.add(.answer(sdp: Self.answer))
        #expect(try await bench.news(10).last == "answered")
        await bench.end()
    }

    @Test func `a failure is reported once and retried after growing pauses`() async throws {
        let bench = try await Bench(try await BridgeStage(clock: ManualClock()))
        await bench.stage.fault(
            "POST", "/api/rtcBridge/v1/bridges", .status(SimulatedResponse(status: 403)), times: 3)
        bench.queue.add(.open)
        for _ in 1...3 { await bench.clock.advanceToNextDeadline() }
        #expect(bench.clock.uptime >= .seconds(70), "10, 20 and 40 s")
        let news = try await bench.news(7)
        #expect(news.count { $0 == "failed 403" } == 1 && news.last == "offered, 0 others", "\(news)")
        await bench.end()
    }

    @Test func `an engine that wants no bridge cancels the retry that waits, and a later request opens anew`()
        async throws
    {
        let bench = try await Bench(try await BridgeStage(clock: ManualClock()))
        await bench.stage.fault("POST", "/api/rtcBridge/v1/bridges", .status(SimulatedResponse(status: 403)))
        bench.queue.add(.open)
        await bench.clock.sleepers(1)
        bench.queue.add(.drop)
        bench.queue.add(.renew)
        #expect(try await bench.news(5) == ["looked", "failed 403", "looked", "looked", "offered, 0 others"])
        bench.clock.advance(by: .seconds(30))
        bench.queue.add(.drop)
        bench.queue.add(.answer(sdp: Self.answer))
        #expect(try await bench.news(6).last == "failed 0", "there is no place to answer for")
        #expect(try await bench.stage.leftovers() == .init())
        #expect(await bench.stage.sent().count { $0 == "POST bridges/peers" } == 1)
        await bench.end()
    }

    @Test func `a bridge that its maker deleted is reported, and another one is made`() async throws {
        let stage = try await BridgeStage(clock: ManualClock())
        let maker = stage.session(1) { $0.settings.voice = Self.withoutPauses }
        _ = try await maker.open(stage.party)
        let bench = try await Bench(stage)
        bench.queue.add(.begin(from: bench.look))
        #expect(try await bench.news(2) == ["looked", "offered, 1 others"])
        // Nothing to do: the service was asked after that event.
        bench.queue.add(.check(since: .zero))
        _ = try await maker.close()
        bench.queue.add(.check(since: bench.clock.uptime + .milliseconds(1)))
        #expect(try await bench.news(4).suffix(2) == ["looked", "lost"])
        await bench.clock.advanceToNextDeadline()
        #expect(try await bench.news(7).suffix(3) == ["looked", "looked", "offered, 0 others"])
        #expect(try await stage.leftovers() == .init(bridges: [["1"]], linked: 1))
        await bench.end()
    }

    @Test func `a queue that is cancelled drops what waits`() async throws {
        let bench = try await Bench(try await BridgeStage(clock: ManualClock()))
        await bench.stage.fault(
            "POST", "/api/rtcBridge/v1/bridges", .status(SimulatedResponse(status: 403)), times: nil)
        bench.queue.add(.open)
        await bench.clock.sleepers(1)
        await bench.end()
        let sent = await bench.stage.sent().count
        bench.queue.add(.open)
        bench.clock.advance(by: .seconds(60))
        #expect(await bench.stage.sent().count == sent)
    }

    private static var withoutPauses: VoiceSettings {
        var settings = VoiceSettings()
        (settings.linkDelay, settings.peerDelay) = (.zero, .zero)
        return settings
    }
}
