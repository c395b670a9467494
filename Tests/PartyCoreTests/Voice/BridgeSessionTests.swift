import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

struct BridgeSessionTests {
    private static let answer = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"

    @Test func `the first run creates and links a bridge, with the captured pauses`() async throws {
        let stage = try await BridgeStage()
        let begin = stage.world.clock.uptime
        let offer = try await stage.session().open(stage.party)
        #expect(offer.partyID == stage.party)
        #expect(offer.sdp.contains("a=recvonly\r\n"))
        #expect(stage.world.clock.uptime - begin == .milliseconds(1100))
        #expect(await stage.sent() == ["POST v1/bridges", "POST partySessions/bridges", "POST bridges/peers"])
        let attachment = try #require(try stage.session().attachments().first)
        #expect(
            attachment.bridge?.id == offer.bridgeID && attachment.peerID == offer.peerID && attachment.isOurs
                && attachment.isLinked)
        #expect(!attachment.isAnswered)
        #expect(try await stage.session().answer(Self.answer).isAnswered)
        #expect(try stage.session().attachments().map(\.isAnswered) == [true])
    }

    @Test func `the pauses are configurable, and a cancelled one ends at once with nothing left`() async throws {
        let stage = try await BridgeStage()
        let clock = ManualClock()
        let session = stage.session { environment in
            environment.settings.voice.linkDelay = .seconds(7)
            environment.clock.sleep = clock.partyClock.sleep
        }
        let task = Task { () async -> PartyError? in
            do throws(PartyError) {
                _ = try await session.open(stage.party)
                return nil
            } catch { return error }
        }
        await clock.sleeper(dueIn: .seconds(7))
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
        #expect(try await stage.leftovers() == BridgeStage.Leftovers())
        #expect(try stage.session().attachments() == [])
    }

    @Test func `the next run uses the party's bridge and removes only its own peer`() async throws {
        let stage = try await BridgeStage()
        let first = try await stage.session(0).open(stage.party)
        let begin = stage.world.clock.uptime
        let second = try await stage.session(1).open(stage.party)
        #expect(second.bridgeID == first.bridgeID)
        #expect(stage.world.clock.uptime - begin == .milliseconds(500))
        #expect(try stage.session(1).attachments().map(\.isOurs) == [false])
        #expect(try await stage.session(1).close().map(\.error) == [nil])
        #expect(try await stage.leftovers() == .init(bridges: [["1"]], linked: 1))
        #expect(try await stage.session(0).close().map(\.error) == [nil])
        #expect(try await stage.leftovers() == .init())
        #expect(try await stage.session(0).close() == [])
    }

    @Test func `a start removes what an earlier run left`() async throws {
        let stage = try await BridgeStage()
        let first = try await stage.session().open(stage.party)
        let second = try await stage.session().open(stage.party)
        #expect(first.bridgeID != second.bridgeID)
        #expect(try await stage.leftovers() == .init(bridges: [["1"]], linked: 1))
        #expect(try stage.session().attachments().count == 1)
    }

    @Test func `an account that is no member opens nothing`() async throws {
        let stage = try await BridgeStage()
        _ = try await PartyClient(stage.world.environment(store: stage.stores[2])).leave(stage.party)
        await #expect(throws: PartyError.self) { try await stage.session(2).open(stage.party) }
        #expect(try await stage.leftovers() == .init())
    }

    @Test func `a conflict deletes our bridge and uses the one that came first`() async throws {
        let stage = try await BridgeStage { $0.secondBridge = .conflict }
        let session = stage.session(0) { environment in
            let clock = environment.clock
            environment.clock.sleep = { wait in
                // The second links its bridge while the first waits to link.
                if wait == .milliseconds(600) { _ = try? await stage.session(1).open(stage.party) }
                await clock.sleep(wait)
            }
        }
        let offer = try await session.open(stage.party)
        #expect(try stage.session(1).attachments().first?.bridge?.id == offer.bridgeID)
        #expect(try await stage.leftovers() == .init(bridges: [["2", "1"]], linked: 1))
        #expect(try stage.session(0).attachments().map(\.isOurs) == [false])
    }

    @Test func `a conflict without a usable bridge is reported with a remedy, and leaves nothing open`() async throws {
        let stage = try await BridgeStage()
        await stage.fault("POST", "\(stage.party)/bridges", .status(SimulatedResponse(status: 409)))
        let error = await #expect(throws: PartyError.self) { try await stage.session().open(stage.party) }
        #expect(error?.kind == .conflict)
        #expect(error?.remedy == .stopVoice)
        #expect(try await stage.leftovers() == .init())
        #expect(try stage.session().attachments() == [])
    }

    @Test func `a stale peer of ours is a conflict with a remedy`() async throws {
        let stage = try await BridgeStage()
        _ = try await stage.session(0).open(stage.party)
        _ = try await stage.session(1).open(stage.party)
        // The ledger is lost, the peer is not.
        try stage.stores[1].erase(.voice.of(stage.world.account(1)))
        let error = await #expect(throws: PartyError.self) { try await stage.session(1).open(stage.party) }
        #expect(error?.kind == .conflict)
        #expect(error?.remedy == .stopVoice)
        #expect(try stage.session(1).attachments() == [])
    }

    @Test func `a link whose response is lost is read back, not sent again`() async throws {
        let stage = try await BridgeStage()
        await stage.fault("POST", "\(stage.party)/bridges", .drop, isProcessed: true)
        _ = try await stage.session().open(stage.party)
        #expect(await stage.sent().filter { $0 == "POST partySessions/bridges" }.count == 1)
        #expect(try await stage.leftovers() == .init(bridges: [["1"]], linked: 1))
    }

    @Test(arguments: [false, true])
    func `a peer whose response is lost is found again, on our bridge and on a shared one`(
        isShared: Bool
    ) async throws {
        let stage = try await BridgeStage()
        if isShared { _ = try await stage.session(1).open(stage.party) }
        await stage.world.service.clearRequests()
        await stage.fault("POST", "/peers?", .reset, isProcessed: true)
        let offer = try await stage.session(0).open(stage.party)
        #expect(offer.sdp.hasPrefix("v=0\r\n"))
        #expect(await stage.sent().filter { $0 == "POST bridges/peers" }.count == 1)
        #expect(try stage.session().attachments().map(\.peerID) == [offer.peerID])
        _ = try await stage.session(0).close()
        _ = try await stage.session(1).close()
        #expect(try await stage.leftovers() == .init())
    }

    @Test func `a bridge whose response was lost is reported until the service removes it`() async throws {
        let stage = try await BridgeStage()
        await stage.fault("POST", "/api/rtcBridge/v1/bridges", .drop, isProcessed: true)
        let error = await #expect(throws: PartyError.self) { try await stage.session().open(stage.party) }
        #expect(error?.kind == .unreachable)
        #expect(await stage.sent().filter { $0 == "POST v1/bridges" }.count == 1)
        #expect(try stage.session().attachments().map(\.bridge) == [nil])
        let closings = try await stage.session().close()
        #expect(closings.map(\.mayHaveLeftSomething) == [true])
        #expect(try stage.session().attachments() == [])
        stage.world.clock.advance(by: .seconds(60))
        #expect(try await stage.leftovers() == .init())
    }

    @Test func `an attachment that cannot be removed stays in the ledger for the next stop`() async throws {
        let stage = try await BridgeStage()
        _ = try await stage.session().open(stage.party)
        await stage.world.service.add(
            Fault(match: .init(method: "DELETE", times: nil), action: .status(SimulatedResponse(status: 403))))
        let closings = try await stage.session().close()
        #expect(closings.map(\.error?.kind) == [.forbidden])
        #expect(try stage.session().attachments().count == 1)
        await stage.world.service.clearFaults()
        #expect(try await stage.session().close().map(\.error) == [nil])
        #expect(try await stage.leftovers() == .init())
    }

    @Test func `a new offer is requested for the present peer`() async throws {
        let stage = try await BridgeStage()
        let offer = try await stage.session().open(stage.party)
        let again = try await stage.session().renegotiate()
        #expect(again.peerID == offer.peerID && again.sdp != offer.sdp)
        let error = await #expect(throws: PartyError.self) { try await stage.session(1).renegotiate() }
        #expect(error?.kind == .notFound)
    }

    @Test func `an unreadable ledger is refused, not overwritten`() async throws {
        let stage = try await BridgeStage()
        let odd = Array(#"{"lastSequence":1,"legs":[{"id":"x"}]}"#.utf8)
        try stage.stores[0].save(.voice.of(stage.world.account(0)), odd)
        let error = await #expect(throws: PartyError.self) { try await stage.session().open(stage.party) }
        #expect(error?.kind == .storage)
        #expect(stage.stores[0].kept(.voice) == odd)
        #expect(try await stage.leftovers() == .init())
    }

    @Test func `without a writable ledger nothing is opened`() async throws {
        let stage = try await BridgeStage()
        stage.stores[0].failSaves(with: StoreError(.unwritable, "full"))
        await #expect(throws: PartyError.self) { try await stage.session().open(stage.party) }
        #expect(try await stage.leftovers() == .init())
    }
}
