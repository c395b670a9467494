import PartyTestSupport
import Testing

@testable import PartyCore

struct VoiceLedgerTests {
    private static let bridge = Bridge(id: BridgeID("B"), token: Redacted("ledger-secret"))
    private static let phone = Signal.Endpoint(accountID: alice, platform: .mobileApp)
    private static let moment = Timestamp(milliseconds: 1_700_000_000_000)

    private static var attachments: [BridgeAttachment] {
        let asked = BridgeAttachment(id: "1", partyID: partyID, openedAt: moment)
        var made = BridgeAttachment(id: "2", partyID: partyID, openedAt: moment)
        made.bridge = bridge
        var linked = made
        linked.isLinked = true
        linked.peer = .asked(others: [])
        var shared = BridgeAttachment(id: "3", partyID: partyID, openedAt: moment, sharing: bridge)
        shared.peer = .asked(others: [PeerID("a"), PeerID("b")])
        var answered = shared
        answered.peer = .known(PeerID("P"))
        answered.isAnswered = true
        return [asked, made, linked, shared, answered]
    }

    @Test func `a written ledger is read back`() throws {
        for attachment in Self.attachments {
            var ledger = VoiceLedger()
            ledger.put(attachment)
            _ = ledger.takeSequences(7)
            _ = ledger.negotiation(.offer, with: Self.phone, in: partyID)
            let read = VoiceLedger(try JSONDocument(ledger.bytes).root)
            #expect(read == ledger)
        }
    }

    @Test func `no description of an attachment contains its token`() {
        for attachment in Self.attachments {
            var dumped = ""
            dump(attachment, to: &dumped)
            #expect(!"\(attachment) \(dumped)".contains("ledger-secret"))
        }
    }

    @Test(arguments: [
        "{}", #"{"lastSequence":-1,"legs":[]}"#, #"{"lastSequence":9223372036854775807,"legs":[]}"#,
        #"{"lastSequence":1,"legs":[{}]}"#,
        #"{"lastSequence":1,"legs":[{"id":"1","partyId":"S","openedAt":1,"ours":false}]}"#,
    ])
    func `an incomplete file is refused`(_ text: String) throws {
        #expect(VoiceLedger(try json(text)) == nil)
    }

    @Test func `message numbers grow over all messages`() {
        var ledger = VoiceLedger()
        #expect(ledger.takeSequences(1) == 1...1)
        #expect(ledger.takeSequences(1000) == 2...1001)
        #expect(ledger.takeSequences(0) == 1002...1002)
    }

    @Test func `each offer begins a negotiation with its device, an answer belongs to the last`() {
        var ledger = VoiceLedger()
        let console = Signal.Endpoint(accountID: alice, platform: .ps5)
        func count(_ kind: Signal.Kind, _ endpoint: Signal.Endpoint, _ id: PartyID = partyID) -> Int64 {
            ledger.negotiation(kind, with: endpoint, in: id)
        }
        #expect(count(.answer, Self.phone) == 1)
        #expect(count(.offer, Self.phone) == 2)
        #expect(count(.offer, Self.phone) == 3)
        #expect(count(.answer, Self.phone) == 3)
        #expect(count(.offer, console) == 1)
        #expect(count(.offer, Self.phone, PartyID("T")) == 1)
        for number in 0..<100 { _ = count(.offer, .init(accountID: AccountID(UInt64(number)), platform: .ps5)) }
        #expect(ledger.negotiations.count == 64)
    }

    @Test func `a lost peer is the only new one, and only for a while`() {
        let attachment = Self.attachments[3]
        let others = [PeerID("a"), PeerID("b")]
        func lost(_ present: [PeerID], after: Duration = .seconds(1)) -> PeerID? {
            attachment.lostPeer(among: present, at: Self.moment.advanced(by: after))
        }
        #expect(lost(others) == nil)
        #expect(lost(others + [PeerID("c")]) == PeerID("c"))
        #expect(lost([PeerID("c")]) == PeerID("c"))
        #expect(lost(others + [PeerID("c"), PeerID("d")]) == nil)
        #expect(lost(others + [PeerID("c")], after: .seconds(600)) == nil)
        #expect(Self.attachments[4].lostPeer(among: [PeerID("c")], at: Self.moment) == nil)
    }
}
