import PartyCore
import Testing

/// Who is there, who is meant, and what goes wrong.
struct NegotiationRosterTests {
    private let smaller = VoiceSample.smaller
    private let larger = VoiceSample.larger

    @Test func `who leaves is told as bye, once and only if the engine knows of them`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        #expect(bench(.memberLeft(larger)) == [.tellEngine(.bye(.member(larger)))])
        #expect(bench(.memberLeft(larger)) == [])
        _ = bench(.memberJoined(smaller))
        #expect(bench(.memberLeft(smaller)) == [])
        #expect(bench.negotiation.deadline == nil)
        // An engine that is done with somebody who has just left makes no mistake.
        #expect(bench.engine(.bye(.member(larger))) == [])
    }

    @Test func `only what is for this very device is acted upon`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        for to in [VoiceSample.endpoint(VoiceSample.me.accountID.number, .ps5), larger] {
            var signal = VoiceSample.signal(.offer, from: smaller)
            signal.to = to
            #expect(bench(.signalArrived(ReceivedSignal(signal: signal, oddities: []))) == [])
        }
    }

    @Test func `a signal that contradicts itself is told and not acted upon`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        let received = ReceivedSignal(
            signal: VoiceSample.signal(.offer, from: smaller), oddities: [.senderMismatch, .headerCounter])
        #expect(bench(.signalArrived(received)) == [.warn(.untrusted(received))])
        let odd = ReceivedSignal(signal: received.signal, oddities: [.headerCounter, .messagePrefix])
        #expect(bench(.signalArrived(odd)) == [.tellEngine(.offer(.member(smaller), sdp: "theirs"))])
    }

    @Test func `an offer that comes before its sender's joining waits for it`() {
        var bench = VoiceBench()
        #expect(bench.arrive(.offer, from: larger, "early") == [])
        #expect(bench(.memberJoined(larger)) == [.tellEngine(.offer(.member(larger), sdp: "early"))])
        // But not beyond a leaving.
        _ = bench(.memberLeft(larger))
        #expect(bench.arrive(.offer, from: larger, "too late") == [])
        _ = bench(.memberLeft(larger))
        #expect(bench(.memberJoined(larger)) == [.tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `of a platform without a known number the first signal tells it`() {
        var bench = VoiceBench()
        let ps4 = Signal.Endpoint(accountID: larger.accountID, platform: .ps4)
        #expect(bench(.memberJoined(ps4)) == [.warn(.unknownPlatform(.member(ps4)))])
        let sender = Signal.Endpoint(accountID: larger.accountID, platform: Platform(rawValue: "3"))
        #expect(bench.arrive(.offer, from: sender) == [.tellEngine(.offer(.member(ps4), sdp: "theirs"))])
        let answer = Signal(
            from: VoiceSample.me, to: sender, kind: .answer, sdp: "ours", globalSequence: 1, sdpSequence: "1")
        #expect(bench.engine(.answer(.member(ps4), sdp: "ours")).first == .send(answer, to: ps4))
    }

    @Test func `an engine that owes something and is silent is told, and may still answer the next offer`() {
        var bench = VoiceBench { $0.engineTimeout = .seconds(2) }
        _ = bench(.memberJoined(larger))
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller)
        bench.now += .seconds(2)
        #expect(
            bench(.ticked) == [.warn(.engineSilent(.member(smaller))), .warn(.engineSilent(.member(larger)))])
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "late")) == [.warn(.unexpectedAnswer(.member(smaller)))])
        #expect(
            bench.arrive(.offer, from: smaller, "again", global: 2)
                == [.tellEngine(.offer(.member(smaller), sdp: "again"))])
    }

    @Test func `a member who does not answer is offered to three times`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        for number in 1...3 {
            #expect(
                bench.engine(.offer(.member(larger), sdp: "ours")) == [
                    VoiceBench.sent(.offer, to: larger, global: Int64(number), sequence: "\(number)")
                ])
            let due = bench.tickAtDeadline()
            #expect(
                due == [number < 3 ? .tellEngine(.wantOffer(.member(larger))) : .warn(.peerSilent(.member(larger)))])
        }
        #expect(bench.negotiation.deadline == nil)
        // A late answer is welcome all the same.
        #expect(
            bench.arrive(.answer, from: larger, sequence: "3").first
                == .tellEngine(.answer(.member(larger), sdp: "theirs")))
    }

    @Test func `what did not get through is tried again only where that may help`() {
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

    @Test func `for those who see us come back everything begins anew`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        _ = bench.arrive(.answer, from: larger)
        #expect(bench(.streamResumed) == [])
        #expect(
            bench(.rejoined) == [.tellEngine(.bye(.member(larger))), .tellEngine(.wantOffer(.member(larger)))])
    }

    @Test func `the engine that wants none of a peer is left alone until the peer offers`() {
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
            bench.engine(.answer(.bridge, sdp: "ours")) == [.answerBridge(sdp: "ours"), .reportAgreed(.bridge)])
        #expect(bench.engine(.offer(.bridge, sdp: "ours")) == [.warn(.unknownPeer(.bridge))])
        #expect(bench.engine(.bye(.bridge)) == [.dropBridge])
        #expect(bench.engine(.offer(.member(larger), sdp: "x")) == [.warn(.unknownPeer(.member(larger)))])
    }
}
