import PartyCore
import Testing

struct NegotiationTests {
    private let smaller = VoiceSample.smaller
    private let larger = VoiceSample.larger

    @Test func `an offer is answered under its own number`() {
        var bench = VoiceBench()
        #expect(bench(.memberJoined(smaller)) == [])
        #expect(
            bench.arrive(.offer, from: smaller, sequence: "7") == [
                .tellEngine(.offer(.member(smaller), sdp: "theirs"))
            ])
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "ours")) == [
                VoiceBench.sent(.answer, to: smaller, sequence: "7")
            ])
        #expect(bench.negotiation.deadline == nil)
    }

    @Test func `a peer is agreed when the own answer was delivered, not before`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller, sequence: "7")
        guard case .send(let answer, _)? = bench.engine(.answer(.member(smaller), sdp: "ours")).first else {
            Issue.record("no answer goes out")
            return
        }
        var other = answer
        other.sdpSequence = "6"
        #expect(bench(.delivered(other)) == [])
        #expect(bench(.delivered(answer)) == [.reportAgreed(.member(smaller))])
        #expect(bench(.delivered(answer)) == [])
    }

    @Test(arguments: [true, false]) func `after an answer that may be lost, we offer`(
        isTransient: Bool
    ) {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller)
        guard case .send(let answer, _)? = bench.engine(.answer(.member(smaller), sdp: "ours")).first else {
            Issue.record("no answer goes out")
            return
        }
        #expect(bench(.sendFailed(answer, isTransient: isTransient)) == [])
        #expect(bench.tickAtDeadline() == (isTransient ? [.tellEngine(.wantOffer(.member(smaller)))] : []))
    }

    @Test func `a negotiation that came without a number is answered with one`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller, sequence: "")
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "ours")) == [VoiceBench.sent(.answer, to: smaller)])
    }

    @Test func `towards a larger id we offer, and their answer completes it`() {
        var bench = VoiceBench()
        #expect(bench(.memberJoined(larger)) == [.tellEngine(.wantOffer(.member(larger)))])
        #expect(bench(.memberJoined(larger)) == [])
        #expect(
            bench.engine(.offer(.member(larger), sdp: "ours")) == [VoiceBench.sent(.offer, to: larger)])
        #expect(
            bench.arrive(.answer, from: larger) == [
                .tellEngine(.answer(.member(larger), sdp: "theirs")), .reportAgreed(.member(larger)),
            ])
    }

    @Test func `a peer with a smaller id offers first; without its offer this side offers`() {
        var bench = VoiceBench()
        #expect(bench(.memberJoined(smaller)) == [])
        let start = bench.now
        #expect(bench.tickAtDeadline() == [.tellEngine(.wantOffer(.member(smaller)))])
        #expect(bench.now - start == .seconds(3))
    }

    @Test func `a member who was there before the run gets an offer after a pause, or offers first`() {
        var bench = VoiceBench()
        let start = bench.now
        #expect(bench(.memberFound(smaller)) == [])
        #expect(bench(.memberFound(larger)) == [])
        #expect(bench.tickAtDeadline() == [.tellEngine(.wantOffer(.member(larger)))])
        #expect(bench.now - start == .seconds(3))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        _ = bench.arrive(.answer, from: larger)
        #expect(bench.tickAtDeadline() == [.tellEngine(.wantOffer(.member(smaller)))])
        #expect(bench.now - start == .seconds(7))

        // A member whose run begins meanwhile costs an answer, and no offer.
        var other = VoiceBench()
        _ = other(.memberFound(larger))
        other.now += .seconds(2)
        #expect(other.arrive(.offer, from: larger) == [.tellEngine(.offer(.member(larger), sdp: "theirs"))])
        #expect(other.answer(larger).last == .reportAgreed(.member(larger)))
        #expect(other.negotiation.deadline == nil)
    }

    @Test func `if every other member is on the bridge, a run that begins does not wait for them to begin`() {
        var bench = VoiceBench()
        let start = bench.now
        _ = bench(.memberFound(larger))
        _ = bench(.memberFound(smaller))
        bench.now += .seconds(1)
        #expect(bench(.allAreInVoice) == [.tellEngine(.wantOffer(.member(larger)))])
        #expect(bench(.allAreInVoice) == [])
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        _ = bench.arrive(.answer, from: larger)
        // Their offer may still be on its way.
        #expect(bench.tickAtDeadline() == [.tellEngine(.wantOffer(.member(smaller)))])
        #expect(bench.now - start == .seconds(4))
    }

    @Test func `of two devices of one account the larger platform number offers`() {
        var bench = VoiceBench()
        let console = Signal.Endpoint(accountID: VoiceSample.me.accountID, platform: .ps5)
        #expect(bench(.memberJoined(console)) == [.tellEngine(.wantOffer(.member(console)))])
        #expect(bench(.memberJoined(VoiceSample.me)) == [])
        #expect(bench.negotiation.members == [console])
    }

    @Test func `in a glare the offer of the larger id is dropped`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        // The peer's offer is ignored, and is forgotten with their answer.
        #expect(bench.arrive(.offer, from: larger, "glare", global: 1) == [])
        #expect(
            bench.arrive(.answer, from: larger, "answer", global: 2) == [
                .tellEngine(.answer(.member(larger), sdp: "answer")), .reportAgreed(.member(larger)),
            ])
        #expect(bench.tickAtDeadline() == [])

        _ = bench(.memberJoined(smaller))
        _ = bench.tickAtDeadline()
        _ = bench.engine(.offer(.member(smaller), sdp: "ours"))
        #expect(
            bench.arrive(.offer, from: smaller, "stands") == [.tellEngine(.offer(.member(smaller), sdp: "stands"))])
    }

    @Test func `an unanswered offer yields to the peer's offer in the end`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        #expect(bench.arrive(.offer, from: larger, "patient") == [])
        #expect(bench.tickAtDeadline() == [.tellEngine(.offer(.member(larger), sdp: "patient"))])

        // At once if our offer has waited long enough already.
        _ = bench(.memberLeft(larger))
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        bench.now += .seconds(4)
        #expect(
            bench.arrive(.offer, from: larger, "late", global: 2) == [
                .tellEngine(.offer(.member(larger), sdp: "late"))
            ])
    }

    @Test func `if both accepted the other's offer, the smaller id starts again`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.engine(.offer(.member(larger), sdp: "ours"))
        _ = bench.arrive(.offer, from: larger, "theirs", global: 1)
        _ = bench.tickAtDeadline()
        _ = bench.engine(.answer(.member(larger), sdp: "answer"))
        #expect(bench.arrive(.answer, from: larger, global: 2) == [.tellEngine(.wantOffer(.member(larger)))])
        #expect(
            bench.engine(.offer(.member(larger), sdp: "again")) == [
                VoiceBench.sent(.offer, to: larger, "again", global: 3, sequence: "2")
            ])
    }

    @Test func `each negotiation has its number, and all messages count together`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench(.memberJoined(smaller))
        _ = bench.engine(.offer(.member(larger), sdp: "1"))
        _ = bench.arrive(.answer, from: larger)
        _ = bench.arrive(.offer, from: smaller)
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "2")).first
                == VoiceBench.sent(.answer, to: smaller, "2", global: 2))
        #expect(
            bench.engine(.offer(.member(larger), sdp: "3"))
                == [VoiceBench.sent(.offer, to: larger, "3", global: 3, sequence: "2")])
        #expect(
            bench.arrive(.answer, from: larger, "new", global: 2, sequence: "2").first
                == .tellEngine(.answer(.member(larger), sdp: "new")))
        // The peer renegotiates with the next number.
        #expect(
            bench.arrive(.offer, from: larger, "more", global: 3, sequence: "3")
                == [.tellEngine(.offer(.member(larger), sdp: "more"))])
        _ = bench.engine(.answer(.member(larger), sdp: "4"))
        #expect(
            bench.engine(.offer(.member(larger), sdp: "5"))
                == [VoiceBench.sent(.offer, to: larger, "5", global: 5, sequence: "4")])
    }

    @Test func `an overtaken message changes nothing, unless it is of a new process`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller, "second", global: 9, sequence: "2")
        _ = bench.engine(.answer(.member(smaller), sdp: "ours"))
        #expect(bench.arrive(.offer, from: smaller, "first", global: 8) == [])
        bench.now += .seconds(6)
        #expect(
            bench.arrive(.offer, from: smaller, "restarted", global: 1) == [
                .tellEngine(.offer(.member(smaller), sdp: "restarted"))
            ])
    }

    @Test func `an offer that comes while the engine works on one waits for it`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        _ = bench.arrive(.offer, from: smaller, "first", global: 1)
        #expect(bench.arrive(.offer, from: smaller, "second", global: 2, sequence: "2") == [])
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "to the first")) == [
                .tellEngine(.offer(.member(smaller), sdp: "second"))
            ])
        #expect(
            bench.engine(.answer(.member(smaller), sdp: "ours")).first
                == VoiceBench.sent(.answer, to: smaller, sequence: "2"))
    }

    @Test func `the engine's offer that crosses the peer's is dropped`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        _ = bench.arrive(.offer, from: larger)
        #expect(bench.engine(.offer(.member(larger), sdp: "crossing")) == [])
        #expect(
            bench.engine(.answer(.member(larger), sdp: "ours")).first == VoiceBench.sent(.answer, to: larger))
    }

    @Test func `offers that the engine makes by itself are limited, the newest is sent, and one warning is reported`() {
        var bench = VoiceBench()
        _ = bench(.memberJoined(larger))
        let asked = bench.engine(.offer(.member(larger), sdp: "asked"))
        #expect(asked == [VoiceBench.sent(.offer, to: larger, "asked")])
        var actions: [Negotiation.Action] = []
        for number in 1...100 { actions += bench.engine(.offer(.member(larger), sdp: "\(number)")) }
        #expect(actions.count == 7 && actions.last == .warn(.offerWaits(.member(larger))))
        #expect(
            bench.tickAtDeadline().contains { action in
                if case .send(let signal, _) = action { signal.sdp == "100" } else { false }
            }
                || bench.tickAtDeadline().contains { action in
                    if case .send(let signal, _) = action { signal.sdp == "100" } else { false }
                })
        // The peer's offer cancels ours, which waits.
        for number in 101...110 { _ = bench.engine(.offer(.member(larger), sdp: "\(number)")) }
        bench.now += .seconds(4)
        #expect(
            bench.arrive(.offer, from: larger, "stands") == [.tellEngine(.offer(.member(larger), sdp: "stands"))])
        _ = bench.answer(larger)
        bench.now += .seconds(60)
        #expect(bench(.ticked) == [])
    }

    @Test func `the engine may request six new offers of the bridge at once, then one in 20 s`() {
        var bench = VoiceBench()
        _ = bench(.bridgeOffered(sdp: "v=0"))
        var actions: [Negotiation.Action] = []
        for _ in 1...100 { actions += bench.engine(.wantOffer(.bridge)) }
        #expect(actions == Array(repeating: .renewBridge, count: 6))
        let start = bench.now
        _ = bench.engine(.answer(.bridge, sdp: "ours"))
        #expect(bench.tickAtDeadline() == [.renewBridge])
        #expect(bench.now - start == .seconds(20))
        // With `bye` the engine wants no connection.
        _ = bench.engine(.wantOffer(.bridge))
        #expect(bench.engine(.bye(.bridge)) == [.dropBridge])
        #expect(bench.negotiation.deadline == nil)
    }
}
