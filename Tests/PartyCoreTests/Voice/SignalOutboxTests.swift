import Testing

@testable import PartyCore

private func ready(_ outbox: inout SignalOutbox, _ now: Duration) -> [SignalOutbox.Message] {
    outbox.takeReady(at: now)
}

private func finish(
    _ outbox: inout SignalOutbox, _ message: SignalOutbox.Message, _ error: PartyError?, _ now: Duration
) -> SignalOutbox.Verdict {
    outbox.finish(message, error, at: now)
}

private func withdraw(_ outbox: inout SignalOutbox, _ recipient: PartyCore.Signal.Endpoint) -> PartyCore.Signal? {
    outbox.withdrawOffer(to: recipient)
}

private func isTold(_ tally: inout WarningTally, _ warning: WarningTally.Warning, _ now: Duration) -> Bool {
    tally.note(warning, at: now)
}

private func summaries(_ tally: inout WarningTally, _ now: Duration?) -> [String] {
    tally.summaries(at: now).map(\.error.message)
}

private func wait(_ gate: inout LookGate, _ now: Duration) -> Duration? { gate.request(at: now) }

struct SignalOutboxTests {
    private let bob = VoiceSample.smaller
    private let cid = VoiceSample.larger
    private let now: Duration = .seconds(100)

    private func signal(_ number: Int64, to endpoint: Signal.Endpoint) -> Signal {
        Signal(
            from: VoiceSample.me, to: endpoint, kind: .answer, sdp: "v=0\r\n", globalSequence: number,
            sdpSequence: "\(number)")
    }

    private func refusal(_ status: Int, after seconds: String? = nil) -> PartyError {
        let headers = seconds.map { [HeaderField("Retry-After", $0)] } ?? []
        return PartyError(RESTResponse(status: status, headers: headers), step: "signal")
    }

    @Test func `each member gets one message at a time, and the newest replaces waiting ones`() throws {
        var outbox = SignalOutbox()
        outbox.put(signal(1, to: bob), to: bob)
        let first = try #require(ready(&outbox, now).first)
        for number in 2...400 { outbox.put(signal(Int64(number), to: bob), to: bob) }
        outbox.put(signal(401, to: cid), to: cid)
        #expect(ready(&outbox, now).map(\.signal.globalSequence) == [401], "one member waits for no other")
        #expect(finish(&outbox, first, nil, now) == .delivered)
        #expect(ready(&outbox, now).map(\.signal.globalSequence) == [400])
        #expect(ready(&outbox, now) == [])
    }

    @Test func `a message refused for now is sent again at the time that the service names, or a newer one instead`()
        throws
    {
        var outbox = SignalOutbox()
        outbox.put(signal(1, to: bob), to: bob)
        let first = try #require(ready(&outbox, now).first)
        let error = refusal(429, after: "7")
        #expect(finish(&outbox, first, error, now) == .waits(error))
        #expect(ready(&outbox, now) == [])
        #expect(outbox.deadline == now + .seconds(7))
        outbox.put(signal(2, to: bob), to: bob)
        #expect(ready(&outbox, now + .seconds(6)) == [])
        #expect(ready(&outbox, now + .seconds(7)).map(\.signal.globalSequence) == [2])
    }

    @Test func `a message is tried three times at most, and not again if it may have arrived`() throws {
        var outbox = SignalOutbox()
        outbox.put(signal(1, to: bob), to: bob)
        let error = refusal(429, after: "1")
        for attempt in 1...3 {
            let time = outbox.deadline ?? now
            let message = try #require(ready(&outbox, time).first)
            #expect(finish(&outbox, message, error, time) == (attempt < 3 ? .waits(error) : .failed(error)))
        }
        #expect(outbox.deadline == nil)
        for status in [500, 400, 404] {
            outbox.put(signal(2, to: bob), to: bob)
            let message = try #require(ready(&outbox, now + .seconds(60)).first)
            #expect(finish(&outbox, message, refusal(status), now + .seconds(60)) == .failed(refusal(status)))
        }
        #expect(ready(&outbox, now + .seconds(60)) == [])
    }

    @Test func `the more messages one member gets, the more of the budget remains for others`() throws {
        var outbox = SignalOutbox()
        var reserves: [Int] = []
        for number in 1...12 {
            outbox.put(signal(Int64(number), to: bob), to: bob)
            let message = try #require(ready(&outbox, now).first)
            reserves.append(message.budgetReserve)
            _ = finish(&outbox, message, nil, now)
        }
        #expect(reserves == Array(repeating: 40, count: 10) + [120, 120])
    }

    @Test func `an offer that is not sent yet can be withdrawn, an answer or a sent offer cannot`() throws {
        var outbox = SignalOutbox()
        var offer = signal(1, to: bob)
        offer.kind = .offer
        outbox.put(offer, to: bob)
        let sent = try #require(ready(&outbox, now).first)
        #expect(withdraw(&outbox, bob) == nil)
        #expect(finish(&outbox, sent, refusal(429, after: "7"), now) == .waits(refusal(429, after: "7")))
        #expect(withdraw(&outbox, cid) == nil)
        #expect(withdraw(&outbox, bob) == offer)
        #expect(outbox.deadline == nil)
        outbox.put(signal(2, to: bob), to: bob)
        #expect(withdraw(&outbox, bob) == nil)
    }

    @Test func `messages that wait for a member who left are dropped`() throws {
        var outbox = SignalOutbox()
        outbox.put(signal(1, to: bob), to: bob)
        let first = try #require(ready(&outbox, now).first)
        outbox.put(signal(2, to: bob), to: bob)
        outbox.forget(bob)
        #expect(finish(&outbox, first, refusal(429), now) == .waits(refusal(429)))
    }

    @Test func `many members, each below its own bounds, leave a share of the budget`() throws {
        var outbox = SignalOutbox()
        var budget = RequestBudget([])
        let moment = Timestamp(milliseconds: 1_700_000_000_000)
        for number in 1...20 {
            for account in 1...100 {
                let device = VoiceSample.endpoint(UInt64(account))
                outbox.put(signal(Int64(number), to: device), to: device)
                let message = try #require(ready(&outbox, now).first)
                _ = budget.spend(at: moment, keeping: message.budgetReserve)
                _ = finish(&outbox, message, nil, now)
            }
        }
        var left = 0
        while budget.spend(at: moment) == nil { left += 1 }
        #expect(left == SignalOutbox.smallReserve)
        let removal = budget.spend(at: moment, bypassesLimit: true)
        #expect(removal == nil, "taking down is never refused")
    }

    @Test func `leaving and joining gives a member no new share of the budget`() throws {
        var outbox = SignalOutbox()
        for number in 1...10 {
            outbox.put(signal(Int64(number), to: bob), to: bob)
            let message = try #require(ready(&outbox, now).first)
            _ = finish(&outbox, message, nil, now)
            outbox.forget(bob)
        }
        outbox.put(signal(11, to: bob), to: bob)
        #expect(ready(&outbox, now).map(\.budgetReserve) == [120])
    }
}

struct EngineBacklogTests {
    private let bob = VoicePeer.member(VoiceSample.smaller)
    private let cid = VoicePeer.member(VoiceSample.larger)

    @Test func `only messages that still count wait for each peer`() {
        var backlog = EngineBacklog()
        for number in 1...1000 { backlog.put(.offer(bob, sdp: "\(number)")) }
        backlog.put(.wantOffer(cid))
        backlog.put(.wantOffer(cid))
        #expect(backlog.waiting == [.offer(bob, sdp: "1000"), .wantOffer(cid)])
        backlog.put(.bye(bob))
        backlog.put(.offer(cid, sdp: "x"))
        #expect(backlog.waiting == [.bye(bob), .offer(cid, sdp: "x")])
        backlog.put(.answer(cid, sdp: "y"))
        backlog.put(.offer(bob, sdp: "back"))
        #expect(backlog.waiting.suffix(2) == [.answer(cid, sdp: "y"), .offer(bob, sdp: "back")])
    }

    @Test func `an engine that reads a little is waited for, one that reads nothing for a minute is not`() {
        var backlog = EngineBacklog()
        var now: Duration = .seconds(5)
        backlog.put(.wantOffer(bob))
        backlog.put(.wantOffer(cid))
        var room = 0
        func flush() -> Bool {
            backlog.flush(at: now) { _ in
                room -= 1
                return room >= 0
            }
        }
        #expect(flush())
        now += .seconds(59)
        room = 1
        #expect(flush())
        now += .seconds(59)
        room = 0
        #expect(flush())
        #expect(backlog.deadline == now + .milliseconds(100))
        now += .seconds(1)
        #expect(!flush())
        room = 1
        #expect(flush() && backlog.deadline == nil)
    }
}

struct WarningTallyTests {
    @Test func `a few warnings of a kind are reported, the others counted once a minute`() {
        var tally = WarningTally()
        let bob = VoicePeer.member(VoiceSample.smaller)
        func warning(_ peer: VoicePeer?, _ number: Int) -> WarningTally.Warning {
            WarningTally.Warning(peer: peer, error: PartyError(.protocolViolation, "no \(number)", step: "signal"))
        }
        var told = 0
        for number in 1...3000 where isTold(&tally, warning(bob, number), .seconds(1)) { told += 1 }
        #expect(told == 3)
        #expect(isTold(&tally, warning(nil, 1), .seconds(1)), "another peer's are counted apart")
        #expect(tally.deadline == .seconds(61))
        #expect(summaries(&tally, .seconds(60)) == [])
        #expect(summaries(&tally, .seconds(61)) == ["2997 more like this: no 3000"])
        #expect(tally.deadline == nil)
        #expect(!isTold(&tally, warning(bob, 4000), .seconds(62)))
        #expect(summaries(&tally, nil) == ["1 more like this: no 4000"])
        #expect(isTold(&tally, warning(bob, 5000), .seconds(300)), "after a quiet time they are told again")
    }

    @Test func `any number of peers takes little memory`() {
        var tally = WarningTally()
        var told = 0
        for number in 0..<5000 {
            let peer = VoicePeer.member(VoiceSample.endpoint(UInt64(number + 1)))
            let warning = WarningTally.Warning(peer: peer, error: PartyError(.refused, "no"))
            if isTold(&tally, warning, .zero) { told += 1 }
        }
        #expect(told < 150)
        #expect(summaries(&tally, nil).count == 1)
    }
}

struct LookGateTests {
    @Test func `one look-up runs at a time, and the next after the pause`() {
        var gate = LookGate(pause: .seconds(10), longestPause: .seconds(40))
        #expect(wait(&gate, .seconds(1)) == .zero)
        #expect(wait(&gate, .seconds(1)) == nil)
        gate.begin(at: .seconds(2))
        #expect(wait(&gate, .seconds(5)) == .seconds(7))
        gate.begin(at: .seconds(12))
        #expect(wait(&gate, .seconds(60)) == .zero)
    }

    @Test func `repeated look-ups have growing pauses`() {
        var gate = LookGate(pause: .seconds(10), longestPause: .seconds(40))
        var now: Duration = .zero
        var waits: [Duration] = []
        for _ in 1...6 {
            let pause = wait(&gate, now) ?? .zero
            waits.append(pause)
            now += pause
            gate.begin(at: now)
        }
        #expect(waits == [0, 10, 20, 40, 40, 40].map { .seconds($0) })
        #expect(wait(&gate, now + .seconds(90)) == .zero)
        gate.begin(at: now + .seconds(90))
        #expect(wait(&gate, now + .seconds(91)) == .seconds(9))
    }
}
