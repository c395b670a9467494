import PartyTestSupport
import Testing

@testable import PartyCore

/// Numbers of peers and files, up to the ends of their range.
struct NegotiationNumberTests {
    private let smaller = VoiceSample.smaller

    @Test(arguments: ["9223372036854775807", "9007199254740991", "99999999999999999999999"])
    func `after an offer with an extreme number ours start again, with one warning`(_ number: String) {
        var bench = VoiceBench()
        _ = bench(.memberJoined(smaller))
        let offer: Negotiation.Action = .tellEngine(.offer(.member(smaller), sdp: "theirs"))
        #expect(
            bench.arrive(.offer, from: smaller, sequence: number) == [
                offer, .warn(.sequenceBeyondUse(.member(smaller))),
            ])
        #expect(
            bench.answer(smaller) == [
                VoiceBench.sent(.answer, to: smaller, sequence: number), .reportAgreed(.member(smaller)),
            ])
        #expect(
            bench.engine(.offer(.member(smaller), sdp: "again")) == [
                VoiceBench.sent(.offer, to: smaller, "again", global: 2, sequence: "1")
            ])
        #expect(
            bench.arrive(.answer, from: smaller, "late", global: 2) == [
                .tellEngine(.answer(.member(smaller), sdp: "late")), .reportAgreed(.member(smaller)),
            ])
        #expect(bench.arrive(.offer, from: smaller, global: 3, sequence: number) == [offer])
    }

    @Test func `a profile that has used all numbers starts again`() {
        var negotiation = Negotiation(me: VoiceSample.me, lastSequence: .max)
        _ = negotiation.handle(.memberJoined(VoiceSample.larger), at: .zero)
        let actions = negotiation.handle(
            .engineSaid(.offer(.member(VoiceSample.larger), sdp: "ours")), at: .zero)
        #expect(actions == [VoiceBench.sent(.offer, to: VoiceSample.larger)])
    }

    @Test func `no sequence of extreme numbers ends it`() {
        let extremes = [
            "9223372036854775807", "9223372036854775806", "-9223372036854775808", "18446744073709551615", "-1", "0",
            "1",
            "9007199254740991", "9007199254740992", "1.5", "1e308", "", "\u{0}", String(repeating: "9", count: 1000),
        ]
        let globals: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 53, .max - 1, .max]
        for seed in UInt64(0)..<200 {
            var chance = SeededChance(seed: seed)
            var bench = VoiceBench()
            let peers = [VoiceSample.smaller, VoiceSample.larger]
            for peer in peers { _ = bench(.memberJoined(peer)) }
            for _ in 0..<60 {
                let peer = peers[chance.below(2)]
                switch chance.below(6) {
                case 0: _ = bench.engine(.offer(.member(peer), sdp: String(chance.below(100))))
                case 1: _ = bench.engine(.answer(.member(peer), sdp: "ours"))
                case 2: _ = bench.tickAtDeadline()
                case let kind:
                    _ = bench.arrive(
                        kind == 3 ? .answer : .offer, from: peer, global: globals[chance.below(globals.count)],
                        sequence: extremes[chance.below(extremes.count)])
                }
            }
            #expect(bench.negotiation.members.count == 2)
        }
    }

    @Test func `a ledger with extreme numbers is refused or usable`() throws {
        let numbers = [
            "-9223372036854775808", "-1", "0", "1", "9007199254740990", "9007199254740991", "9007199254740992",
            "9223372036854775807", "18446744073709551615", "1.5", "1e308", String(repeating: "9", count: 400),
        ]
        for last in numbers {
            for count in numbers {
                let text = """
                    {"lastSequence":\(last),"legs":[],"negotiations":[{"partyId":"S","accountId":"1",
                    "platform":"PS5","count":\(count)}]}
                    """
                guard var ledger = VoiceLedger(try JSONDocument(Array(text.utf8)).root) else { continue }
                let device = Signal.Endpoint(accountID: AccountID(1), platform: .ps5)
                for _ in 0..<3 {
                    #expect(ledger.takeSequences(1000).lowerBound >= 1)
                    #expect(ledger.negotiation(.offer, with: device, in: PartyID("S")) >= 1)
                }
                #expect(VoiceLedger(try JSONDocument(ledger.bytes).root) == ledger)
            }
        }
    }
}
