import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// The keepalive as a whole: machine, session and socket, on real time with small figures.
    struct KeepAliveTests {
        private static func scenario(pongs: Bool) -> Scenario {
            var scenario = Scenario()
            scenario.keepAlive = .init(interval: 200, timeout: 400, serverTimeout: 60_000, presenceTimeout: 60_000)
            if !pongs {
                scenario.faults = [Fault(match: .init(path: "/np/pushNotification", times: nil), action: .noPong)]
            }
            return scenario
        }

        /// A feed on its way, and what it brought.
        private static func feed(_ stage: TransportStage) -> (events: Tape<StreamEvent>, task: Task<PartyError?, Never>)
        {
            var settings = ServiceSettings()
            settings.hosts = ServiceHosts(origin: "https://\(stage.authority)") ?? settings.hosts
            settings.accessToken = Redacted(stage.token)
            let environment = PartyEnvironment(
                settings: settings, transport: stage.transport, store: MemoryStore(), clock: .live, random: .live)
            let events = Tape<StreamEvent>()
            let task = Task { () async -> PartyError? in
                do throws(PartyError) {
                    try await PartyFeed(environment, PartyFeed.Options()).run { batch in
                        for event in batch { events.append(event) }
                    }
                    return nil
                } catch { return error }
            }
            return (events, task)
        }

        private static func ready(_ stage: TransportStage) async throws {
            try await eventually(.seconds(10), "a ready connection") { [service = stage.service] in
                await service.push(.text(ContractTests.event), to: "A") > 0
            }
        }

        private static func losses(_ events: Tape<StreamEvent>) -> [StreamEvent] {
            events.all.filter { event in
                if case .lifecycle(.lost) = event.content { true } else { false }
            }
        }

        @Test func `a server that streams but never pongs is kept`() async throws {
            try await TransportStage.run(.live, Self.scenario(pongs: false)) { stage in
                let (events, task) = Self.feed(stage)
                try await Self.ready(stage)
                // 2.5 s of frames: six pings go unanswered.
                await stage.service.push(.burst(PushBurst(count: 50, size: 300, intervalMilliseconds: 50)), to: "A")
                // Connected, ready, the first event, the burst.
                _ = try await within(.seconds(20), "the burst") { try await events.value(at: 52) }
                #expect(Self.losses(events).isEmpty)
                task.cancel()
                #expect(try await within(.seconds(5), "the end of the feed") { await task.value } == nil)
            }
        }

        @Test func `a server that is silent and never pongs is dropped in time`() async throws {
            try await TransportStage.run(.live, Self.scenario(pongs: false)) { stage in
                let (events, task) = Self.feed(stage)
                try await Self.ready(stage)
                let start = ContinuousClock.now
                try await eventually(.seconds(10), "the loss") { !Self.losses(events).isEmpty }
                // A ping within 200 ms, 400 ms for its answer, and some time for a busy machine.
                #expect((.milliseconds(350) ..< .milliseconds(1600)).contains(.now - start))
                guard case .lifecycle(.lost(let reason, _)) = Self.losses(events)[0].content else { return }
                #expect(reason.contains("no answer to a ping"))
                // It comes back by itself.
                try await Self.ready(stage)
                task.cancel()
                _ = try await within(.seconds(5), "the end of the feed") { await task.value }
            }
        }

        @Test func `a server that is silent and pongs is kept`() async throws {
            try await TransportStage.run(.live, Self.scenario(pongs: true)) { stage in
                let (events, task) = Self.feed(stage)
                try await Self.ready(stage)
                // The pause between these two is the simulator's.
                await stage.service.push(.burst(PushBurst(count: 2, size: 300, intervalMilliseconds: 2000)), to: "A")
                _ = try await within(.seconds(20), "the second frame") { try await events.value(at: 4) }
                #expect(Self.losses(events).isEmpty)
                task.cancel()
                _ = try await within(.seconds(5), "the end of the feed") { await task.value }
            }
        }

        @Test func `the end of a feed closes its connection with 1000`() async throws {
            try await TransportStage.run { stage in
                let (_, task) = Self.feed(stage)
                try await Self.ready(stage)
                task.cancel()
                #expect(try await within(.seconds(5), "the end of the feed") { await task.value } == nil)
                try await eventually(.seconds(5), "the end of the connection") { try await !stage.closeCodes().isEmpty }
                let codes = try await stage.closeCodes()
                #expect(codes == [1000])
            }
        }
    }
}
