import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// A voice run with failures of the service: membership, bridge and budget.
@Suite(.timeLimit(.minutes(5))) struct VoiceTroubleTests {
    private typealias Stage = VoiceRunStage

    private func warnings(_ stage: Stage, about peer: VoicePeer?) -> [PartyError] {
        stage.reports.all.compactMap { report in
            if case .warning(peer, let error) = report { error } else { nil }
        }
    }

    /// Advances the clock, slower than the connection answers its pings.
    private func passTime(_ stage: Stage) -> Task<Void, Never> {
        Task { [clock = stage.stage.world.clock] in
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(100))
                try? await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    private func bridgeFault(
        _ stage: Stage, _ path: String, status: Int, times: Int? = 1, method: String = "POST"
    ) async {
        await stage.stage.world.service.add(
            Fault(
                match: .init(method: method, path: path, times: times),
                action: .status(SimulatedResponse(status: status))))
    }

    // MARK: Membership

    @Test(arguments: [false, true])
    func `a lost membership is reported, and the run joins again`(usesBridge: Bool) async throws {
        let stage = try await Stage()
        let service = stage.stage.world.service
        await service.add(Fault(match: .init(path: "customMessage"), action: .loseMembership))
        let task = try await stage.start(bridge: usesBridge)
        let time = passTime(stage)
        defer { time.cancel() }
        try await stage.reported { report in
            if case .warning(nil, let error) = report { error.message.contains("joining again") } else { false }
        }
        try await stage.told(Stage.bye(Stage.bob))
        let count = stage.engine.told.count
        try await stage.told(Stage.wantOffer(Stage.bob), after: count - 1)
        #expect(try await PartyClient(stage.stage.environment()).party(stage.party).members.count == 2)
        if usesBridge { try await stage.reported { $0 == .agreed(.bridge) } }
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func `a membership that cannot be restored ends the run`() async throws {
        let stage = try await Stage()
        let service = stage.stage.world.service
        await service.add(Fault(match: .init(path: "customMessage"), action: .loseMembership))
        await service.add(
            Fault(
                match: .init(method: "POST", path: "\(stage.party)/members", times: nil),
                action: .status(SimulatedResponse(status: 403))))
        let task = try await stage.start()
        let time = passTime(stage)
        defer { time.cancel() }
        let error = await task.value
        #expect(error?.message.contains("cannot join again") == true, "\(String(describing: error))")
        #expect(stage.engine.wasStopped.isSet)
    }

    @Test func `an account that is missing from the roster at the start joins again`() async throws {
        let stage = try await Stage()
        await stage.stage.world.service.add(
            Fault(match: .init(path: "/np/pushNotification"), action: .loseMembership))
        let task = try await stage.start()
        let time = passTime(stage)
        defer { time.cancel() }
        try await stage.reported { report in
            if case .warning(nil, let error) = report { error.message.contains("joining again") } else { false }
        }
        try await eventually(.seconds(20), "both are in") {
            try await stage.others[0].party(stage.party).members.count == 2
        }
        task.cancel()
        #expect(await task.value == nil)
    }

    // MARK: The bridge

    @Test func `after a 500 on the answer a new offer is requested, and the second answer is agreed`()
        async throws
    {
        let stage = try await Stage(joined: 0)
        await bridgeFault(stage, "answer", status: 500)
        let task = try await stage.start(bridge: true)
        let time = passTime(stage)
        defer { time.cancel() }
        try await stage.reported { $0 == .agreed(.bridge) }
        let offers = stage.engine.told.all.filter { $0.hasPrefix(Stage.offer("bridge")) }
        #expect(offers.count == 2 && Set(offers).count == 2, "the second offer is another one")
        #expect(warnings(stage, about: .bridge).map(\.status) == [500])
        let renewals = await stage.stage.world.service.requests().filter { $0.target.hasSuffix("/offer") }
        #expect(renewals.count == 1)
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func `a bridge that cannot be opened is retried with growing pauses and reported once`()
        async throws
    {
        let stage = try await Stage(joined: 0)
        let service = stage.stage.world.service
        await bridgeFault(stage, "/api/rtcBridge/v1/bridges", status: 403, times: nil)
        let task = try await stage.start(bridge: true)
        let time = passTime(stage)
        defer { time.cancel() }
        @Sendable func tries() async -> Int {
            await service.requests().count { $0.target == "/api/rtcBridge/v1/bridges" }
        }
        try await eventually(.seconds(60), "four tries") { await tries() == 4 }
        #expect(stage.stage.world.clock.uptime >= .seconds(70), "after 10, 20 and 40 s")
        #expect(warnings(stage, about: .bridge).map(\.status) == [403])
        await service.clearFaults()
        try await stage.reported { $0 == .agreed(.bridge) }
        task.cancel()
        #expect(await task.value == nil)
        #expect(try BridgeSession(PartyClient(stage.stage.environment())).attachments() == [])
    }

    @Test func `an engine whose connection to the bridge failed gets a new offer or a new peer`() async throws {
        let stage = try await Stage(joined: 0)
        let task = try await stage.start(bridge: true)
        let time = passTime(stage)
        defer { time.cancel() }
        try await stage.reported { $0 == .agreed(.bridge) }
        let first = stage.engine.told.count
        stage.engine.say(#"{"type":"want-offer","peer":"bridge"}"#)
        try await stage.told(Stage.offer("bridge"), after: first)
        // Also if the bridge has lost our peer.
        await bridgeFault(stage, "peers/", status: 404)
        let second = stage.engine.told.count
        stage.engine.say(#"{"type":"want-offer","peer":"bridge"}"#)
        try await stage.told(Stage.offer("bridge"), after: second)
        task.cancel()
        #expect(await task.value == nil)
    }

    // MARK: The budget

    @Test func `signals leave a share of the budget for leaving, removal and other members`() async throws {
        let stage = try await Stage()
        let client = PartyClient(
            stage.stage.environment { environment in
                environment.settings.voice.linkDelay = .zero
                environment.settings.voice.peerDelay = .zero
            })
        _ = try await BridgeSession(client).open(stage.party)
        let channel = SignalChannel(client)
        let signal = Signal(
            from: Stage.device(1), to: Stage.device(2), kind: .offer, sdp: "v=0\r\n", globalSequence: 1,
            sdpSequence: "1")
        func send(keeping reserve: Int) async -> PartyError? {
            do throws(PartyError) {
                try await channel.send(signal, in: stage.party, keeping: reserve)
                return nil
            } catch { return error }
        }
        var sent = 0
        while await send(keeping: 120) == nil { sent += 1 }
        #expect(sent > 100 && sent < 300 - 120)
        #expect(await send(keeping: 120)?.kind == .rateLimited)
        // Another member's first messages.
        while await send(keeping: 40) == nil { sent += 1 }
        #expect(sent < 300 - 40)
        // The rest is for the user: look-ups, leaving, removal.
        #expect(try await client.party(stage.party).members.count == 2)
        while await send(keeping: 0) == nil { sent += 1 }
        #expect(try await BridgeSession(client).close().map(\.error) == [nil])
        #expect(try BridgeSession(client).attachments() == [])
        _ = try await client.leave(stage.party)
    }

    @Test func `an engine that offers without end uses up neither the budget nor the members' patience`() async throws {
        let stage = try await Stage()
        let task = try await stage.start()
        try await eventually(.seconds(15), "our first offer") { try await stage.sent().count == 1 }
        for number in 1...2000 {
            stage.engine.say(#"{"type":"offer","peer":"\#(Stage.bob)","sdp":"v=0\r\na=\#(number)\r\n"}"#)
        }
        try await stage.reported { report in
            if case .warning(.member(Stage.device(2)), let error) = report {
                error.message.contains("too often")
            } else {
                false
            }
        }
        stage.engine.say(#"{"type":"bye","peer":"1000000000000000009/PS5"}"#)
        stage.engine.say(#"{"type":"nonsense"}"#)
        try await stage.reported { report in
            if case .warning(nil, let error) = report { error.message.contains("not a message") } else { false }
        }
        #expect(try await stage.sent().count <= 7)
        stage.stage.world.clock.advance(by: .seconds(21))
        try await eventually(.seconds(15), "the newest offer") {
            try await stage.sent().last?.sdp == "v=0\r\na=2000\r\n"
        }
        #expect(warnings(stage, about: .member(Stage.device(2))).count { $0.message.contains("too often") } == 1)
        task.cancel()
        #expect(await task.value == nil)
    }
}
