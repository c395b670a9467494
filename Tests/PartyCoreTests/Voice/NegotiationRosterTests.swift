import Testing

@testable import PartyCore

/// The roster, the addressing of signals, and failures.
struct NegotiationRosterTests {
    private let smaller = VoiceSample.smaller
    private let larger = VoiceSample.larger

    @Test func `the engine gets one bye for a member who leaves, if it knows the member`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        #expect(bench(.memberLeft(larger)) == [.tellEngine(.bye(.member(larger)))])
        #expect(bench(.memberLeft(larger)) == [])
        _ = bench(.memberJoined(smaller))
        #expect(bench(.memberLeft(smaller)) == [])
        #expect(bench.negotiation.deadline == nil)
        // An engine message about a member who has just left is no error.
        #expect(bench.engine(.bye(.member(larger))) == [])
    }

    @Test func `only signals for this device are processed`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        for to in [VoiceSample.endpoint(VoiceSample.me.accountID.number, .ps5), larger] {
            var signal = VoiceSample.signal(.offer, from: smaller)
            signal.to = to
            #expect(bench(.signalArrived(ReceivedSignal(signal: signal, oddities: []))) == [])
        }
    }

    @Test func `a signal that contradicts itself is reported and not processed`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        let received = ReceivedSignal(
            signal: VoiceSample.signal(.offer, from: smaller), oddities: [.senderMismatch, .headerCounter])
        #expect(bench(.signalArrived(received)) == [.warn(.untrusted(received))])
        let odd = ReceivedSignal(signal: received.signal, oddities: [.headerCounter, .messagePrefix])
        #expect(bench(.signalArrived(odd)) == [.tellEngine(.offer(.member(smaller), sdp: "theirs"))])
    }

    @Test func `an offer that arrives before its sender's join waits for it`() {
        var bench = VoiceBench()
        #expect(bench.arrive(.offer, from: larger, "early") == [])
        #expect(bench(.memberJoined(larger)) == [.tellEngine(.offer(.member(larger), sdp: "early"))])
        // But not after a departure.
        _ = bench(.memberLeft(larger))
        #expect(bench.arrive(.offer, from: larger, "too late") == [])
        _ = bench(.memberLeft(larger))
        #expect(bench(.memberJoined(larger)) == [.tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `the first signal of a platform without a known number gives the number`() {
        var bench = VoiceBench()
        let ps4 = Signal.Endpoint(accountID: larger.accountID, platform: .ps4)
        #expect(bench(.memberJoined(ps4)) == [.warn(.unknownPlatform(.member(ps4)))])
        let sender = Signal.Endpoint(accountID: larger.accountID, platform: Platform(rawValue: "3"))
        #expect(bench.arrive(.offer, from: sender) == [.tellEngine(.offer(.member(ps4), sdp: "theirs"))])
        let answer = Signal(
            from: VoiceSample.me, to: sender, kind: .answer, sdp: "ours", globalSequence: 1, sdpSequence: "1")
        #expect(bench.engine(.answer(.member(ps4), sdp: "ours")).first == .send(answer, to: ps4))
    }

    @Test func `a late engine is reported, and its answer still used`() {
        var bench = VoiceBench { $0.engineTimeout = .seconds(2) }
        _ = bench(.memberJoined(larger))
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller)
        bench.now += .seconds(2)
        #expect(
            bench(.ticked) == [.warn(.engineSilent(.member(smaller))), .warn(.engineSilent(.member(larger)))])
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "late")).first
                == VoiceBench.sent(.answer, to: smaller, "late"))
        // An offer that the engine never answers is replaced by the next one.
        _ = bench.arrive(.offer, from: smaller, "second", global: 2)
        _ = bench.tickAtDeadline()
        #expect(bench.arrive(.offer, from: smaller, "third", global: 3) == [])
        #expect(bench.tickAtDeadline() == [.tellEngine(.offer(.member(smaller), sdp: "third"))])
    }

    @Test func `a late answer, or one for a member who left, is not an engine error`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller)
        _ = bench.tickAtDeadline()
        _ = bench.tickAtDeadline()
        #expect(bench.engine(.answer(.member(smaller), sdp: "too late")) == [])
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "nonsense")) == [.warn(.unexpectedAnswer(.member(smaller)))])
        _ = bench(.memberLeft(smaller))
        #expect(bench.engine(.answer(.member(smaller), sdp: "gone")) == [])
        #expect(
            bench.engine(.answer(.member(larger), sdp: "never there")) == [.warn(.unknownPeer(.member(larger)))])
    }

    @Test func `a member who does not answer is reported once and gets further offers after long pauses`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        let start = bench.now
        var (times, warnings): ([Duration], Int) = ([], 0)
        for number in 1...3 {
            times.append(bench.now - start)
            #expect(
                bench.engine(.offer(.member(larger), sdp: "ours")) == [
                    VoiceBench.sent(.offer, to: larger, global: Int64(number), sequence: "\(number)")
                ])
            var actions: [Negotiation.Action] = []
            while bench.negotiation.deadline != nil, actions != [.tellEngine(.wantOffer(.member(larger)))] {
                actions = bench.tickAtDeadline()
                if actions == [.warn(.peerSilent(.member(larger), hadAgreed: false))] { warnings += 1 }
            }
        }
        #expect(warnings == 1)
        #expect(times == [.zero, .seconds(70), .seconds(380)])
        #expect(bench.negotiation.deadline == nil)
        // A late answer is still used.
        #expect(
            bench.arrive(.answer, from: larger, sequence: "3").first
                == .tellEngine(.answer(.member(larger), sdp: "theirs")))
    }

    @Test func `a member who agreed before and does not answer now is no listener`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        _ = bench.arrive(.answer, from: larger)
        _ = bench.engine(.offer(.member(larger), sdp: "again"))
        #expect(bench.tickAtDeadline() == [.warn(.peerSilent(.member(larger), hadAgreed: true))])
        let listener = Negotiation.Warning.peerSilent(.member(larger), hadAgreed: false).error
        let lost = Negotiation.Warning.peerSilent(.member(larger), hadAgreed: true).error
        #expect(listener.hint == "a member who does not use voice chat does not answer")
        #expect(lost.hint == nil && lost.message == listener.message)
    }

    @Test func `the engine gets a few of a member's many offers at once, then the newest in each pause`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench(.memberJoined(larger))
        var told: [String] = []
        func note(_ actions: [Negotiation.Action]) {
            for action in actions {
                if case .tellEngine(.offer(.member(smaller), let sdp)) = action { told.append(sdp) }
            }
        }
        for number in 1...400 {
            bench.now += .milliseconds(20)
            note(bench.arrive(.offer, from: smaller, "\(number)", global: Int64(number)))
            note(bench.answer(smaller))
        }
        #expect(told == ["1", "2", "3", "4", "5", "6"])
        bench.now += .seconds(20)
        note(bench(.ticked))
        #expect(told.last == "400")
        // The others are not delayed.
        #expect(bench.arrive(.offer, from: larger).contains(.tellEngine(.offer(.member(larger), sdp: "theirs"))))
    }

    @Test func `signals from before or after leaving are dropped before a member returns`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench(.memberLeft(smaller))
        #expect(bench.arrive(.offer, from: smaller, "stale") == [])
        #expect(bench(.memberJoined(smaller)) == [])
        // The offer of a new member may be early, but only within the window.
        _ = bench.arrive(.offer, from: larger, "long ago")
        bench.now += .seconds(6)
        #expect(bench(.memberJoined(larger)) == [.tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `an undelivered message is retried only if that may help`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        for isTransient in [true, false] {
            let actions = bench.engine(.offer(.member(larger), sdp: "ours"))
            guard case .send(let signal, _)? = actions.first else {
                Issue.record("no offer goes out: \(actions)")
                return
            }
            #expect(bench(.sendFailed(signal, isTransient: isTransient)) == [])
            #expect(bench.tickAtDeadline() == (isTransient ? [.tellEngine(.wantOffer(.member(larger)))] : []))
        }
        #expect(bench(.streamResumed) == [.tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `a return to the party restarts all negotiations`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        _ = bench.arrive(.answer, from: larger)
        #expect(bench(.streamResumed) == [])
        #expect(
            bench(.rejoined) == [.tellEngine(.bye(.member(larger))), .tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `after a bye of the engine we wait for an offer of the peer`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        #expect(bench.engine(.bye(.member(larger))) == [])
        #expect(bench.negotiation.deadline == nil)
        #expect(bench(.streamResumed) == [])
        #expect(bench.arrive(.offer, from: larger) == [.tellEngine(.offer(.member(larger), sdp: "theirs"))])
    }

    @Test func `the bridge's offer is answered, and only answered`() {
        var bench = VoiceBench()
        #expect(bench(.bridgeOffered(sdp: "theirs")) == [.tellEngine(.offer(.bridge, sdp: "theirs"))])
        #expect(
            bench.engine(.answer(.bridge, sdp: "ours")) == [.answerBridge(sdp: "ours")])
        #expect(bench(.bridgeAnswered) == [.reportAgreed(.bridge)])
        #expect(bench(.bridgeAnswered) == [])
        #expect(bench.engine(.offer(.bridge, sdp: "ours")) == [.warn(.unknownPeer(.bridge))])
        #expect(bench.engine(.bye(.bridge)) == [.dropBridge])
        #expect(bench.engine(.offer(.member(larger), sdp: "x")) == [.warn(.unknownPeer(.member(larger)))])
    }

    @Test func `a member who leaves and returns all the time gets six offers, then one in 20 s`() {
        var bench = VoiceBench()
        let larger = VoiceSample.larger
        var wanted = 0
        for _ in 1...300 {
            wanted += bench(.memberJoined(larger)).count { $0 == .tellEngine(.wantOffer(.member(larger))) }
            _ = bench.engine(.offer(.member(larger), sdp: "ours"))
            bench.now += .milliseconds(100)
            wanted += bench(.ticked).count { $0 == .tellEngine(.wantOffer(.member(larger))) }
            _ = bench(.memberLeft(larger))
        }
        #expect(wanted <= 8, "in 30 s")
        // A member who stays still gets an offer.
        _ = bench(.memberJoined(larger))
        #expect(bench.tickAtDeadline() == [.tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `leaving and returning does not raise a member's limit of answers`() {
        var bench = VoiceBench()
        let smaller = VoiceSample.smaller
        var told = 0
        for number in 1...300 {
            _ = bench(.memberJoined(smaller))
            told += bench.arrive(.offer, from: smaller, global: Int64(number)).count
            _ = bench.answer(smaller)
            _ = bench(.memberLeft(smaller))
        }
        #expect(told == 6)
    }
}
