import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct VoiceRunTests {
    private typealias Stage = VoiceRunStage

    @Test func `present members and later ones get signals, and a departure is reported`() async throws {
        let stage = try await Stage()
        let task = try await stage.start()
        try await stage.told(Stage.wantOffer(Stage.bob))
        #expect(
            stage.engine.told.all.first
                == #"{"type":"hello","version":1,"party":"\#(stage.party)","me":"1000000000000000001/MOBILE_APP"}"#)
        try await eventually(.seconds(15), "our offer") { try await stage.sent().count == 1 }
        let offer = try #require(try await stage.sent().first)
        #expect(offer.to == Stage.device(2) && offer.kind == .offer && offer.sdpSequence == "1")
        #expect(offer.sdp == "v=0\r\na=offer\r\n")
        try await stage.signal(.answer, from: 1)
        try await stage.told(Stage.answer(Stage.bob))
        try await stage.reported { $0 == .agreed(.member(Stage.device(2))) }

        _ = try await stage.others[1].join(.id(stage.party), voice: true)
        try await stage.told(Stage.wantOffer(Stage.cid))
        try await stage.signal(.offer, from: 2)
        _ = try await stage.others[0].leave(stage.party)
        try await stage.told(Stage.bye(Stage.bob))
        try await stage.reported { $0 == .left(.member(Stage.device(2))) }
        let numbers = try await stage.sent().map(\.globalSequence)
        #expect(numbers == Array(Set(numbers)).sorted(), "they grow over all members")
        task.cancel()
        #expect(await task.value == nil)
        #expect(stage.engine.wasStopped.isSet)
    }

    @Test func `the bridge's offer is answered, and the end removes everything`() async throws {
        let stage = try await Stage(joined: 0)
        let task = try await stage.start(bridge: true)
        try await stage.told(Stage.offer("bridge"))
        let service = stage.stage.world.service
        try await eventually(.seconds(15), "the answer") {
            await service.requests().contains { $0.target.hasSuffix("/answer") }
        }
        task.cancel()
        #expect(await task.value == nil)
        let deletions = await service.requests().filter { $0.method == "DELETE" }.map(\.status)
        #expect(deletions == [202, 202])
        #expect(try BridgeSession(PartyClient(stage.stage.environment())).attachments() == [])
    }

    @Test func `without a bridge the members still get signals`() async throws {
        let stage = try await Stage()
        await stage.stage.world.service.add(
            Fault(match: .init(path: "rtcBridge", times: nil), action: .status(SimulatedResponse(status: 403))))
        let task = try await stage.start(bridge: true)
        try await stage.reported { report in
            if case .warning(.bridge, let error) = report { error.status == 403 } else { false }
        }
        try await stage.told(Stage.wantOffer(Stage.bob))
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func `a message that the service refuses is reported with its status and not sent again`() async throws {
        let stage = try await Stage()
        let body = Array(#"{"error":{"referenceId":"r","code":1,"message":"Bad Request (body: null)"}}"#.utf8)
        await stage.stage.world.service.add(
            Fault(
                match: .init(path: "customMessage", times: nil),
                action: .status(SimulatedResponse(status: 400, body: body))))
        let task = try await stage.start()
        try await stage.reported { report in
            guard case .warning(.member(Stage.device(2)), let error) = report else { return false }
            return error.status == 400 && error.message.contains("body: null")
        }
        stage.stage.world.clock.advance(by: .seconds(60))
        #expect(try await stage.sent().count == 1)
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func `an offer that waits to be sent again gives way to an offer of the member`() async throws {
        let stage = try await Stage()
        let refusal = SimulatedResponse(status: 429, headers: [(name: "Retry-After", value: "30")])
        await stage.stage.world.service.add(
            Fault(match: .init(path: "customMessage", times: 1), action: .status(refusal)))
        let task = try await stage.start()
        try await stage.reported { report in
            if case .warning(.member(Stage.device(2)), let error) = report { error.status == 429 } else { false }
        }
        try await stage.signal(.offer, from: 1)
        try await stage.told(Stage.offer(Stage.bob))
        stage.stage.world.clock.advance(by: .seconds(31))
        try await stage.reported { $0 == .agreed(.member(Stage.device(2))) }
        #expect(try await stage.sent().map(\.kind) == [.offer, .answer], "the refused offer is not sent again")
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test func `an engine that reads nothing, or sends invalid lines for a while, ends the run`() async throws {
        let deaf = try await Stage()
        let task = try await deaf.start(deaf: true)
        deaf.stage.world.clock.advance(by: .seconds(50))
        let pump = Task { [clock = deaf.stage.world.clock] in
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(200))
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        let error = await task.value
        pump.cancel()
        #expect(error?.kind == .engineFailed && error?.message.contains("did not read its input") == true)

        let babbler = try await Stage()
        let run = try await babbler.start()
        for number in 1...100 {
            babbler.engine.say(number % 2 == 0 ? "{" : #"{"type":"bye","peer":"nobody"}"#)
        }
        #expect(await run.value?.message.contains("100 invalid messages") == true)
        #expect(babbler.engine.wasStopped.isSet)
    }

    @Test(
        arguments: [
            (EngineLink.End.exited(status: 0), nil), (.exited(status: 3), "status 3"),
            (.killed(signal: 11), "signal 11"),
        ] as [(EngineLink.End, String?)])
    func `the run ends with the engine`(end: EngineLink.End, words: String?) async throws {
        let stage = try await Stage()
        let task = try await stage.start(bridge: true)
        try await stage.told(Stage.wantOffer(Stage.bob))
        stage.engine.end(end)
        let error = await task.value
        #expect((error == nil) == (words == nil))
        if let words { #expect(error?.message.contains(words) == true) }
        #expect(await stage.stage.sockets() == 0)
        #expect(try BridgeSession(PartyClient(stage.stage.environment())).attachments() == [])
    }

    @Test func `the run ends when we leave`() async throws {
        let stage = try await Stage()
        let task = try await stage.start()
        try await stage.told(Stage.wantOffer(Stage.bob))
        _ = try await stage.stage.client.leave(stage.party)
        #expect(await task.value == nil)
    }

    @Test func `a voice run needs a membership`() async throws {
        let stage = try await Stage(joined: 0)
        await #expect(throws: PartyError.self) { try await VoiceIdentity(in: stage.party, stage.others[0]) }
    }

    @Test func `a member that was dropped and joined again negotiates again with all members`() async throws {
        let stage = try await Stage()
        let task = try await stage.start()
        try await stage.told(Stage.wantOffer(Stage.bob))
        try await stage.signal(.answer, from: 1)
        let service = stage.stage.world.service
        await service.add(Fault(match: .init(path: "/np/pushNotification"), action: .loseMembership))
        let count = stage.engine.told.count
        _ = await service.push(.cut, to: stage.stage.accountID)
        let pump = Task { [clock = stage.stage.world.clock] in
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(50))
                // Slower than the connection answers its pings.
                try? await Task.sleep(for: .milliseconds(2))
            }
        }
        defer { pump.cancel() }
        try await stage.told(Stage.bye(Stage.bob), after: count)
        try await stage.told(Stage.wantOffer(Stage.bob), after: count)
        task.cancel()
        _ = await task.value
    }
}
