import Testing

@testable import PartyCore

struct SignalIntakeTests {
    private static let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
    private static let bob = VoiceSample.smaller

    private func event(
        _ edit: (inout Signal) -> Void = { _ in }, oddities: Set<ReceivedSignal.Oddity> = [],
        from: Member? = Member(accountID: bob.accountID, platform: bob.platform)
    ) -> PartyEvent {
        var signal = VoiceSample.signal(.offer, from: Self.bob, Self.sdp)
        edit(&signal)
        var event = PartyEvent(kind: .voiceSignal, partyID: nil)
        event.from = from
        event.signal = ReceivedSignal(signal: signal, oddities: oddities)
        return event
    }

    private func problem(_ event: PartyEvent) -> String? {
        if case .reject(_, let problem) = SignalIntake.judge(event, for: VoiceSample.me) { problem } else { nil }
    }

    @Test func `a complete signal for this device is accepted`() {
        for event in [event(), event(oddities: [.textType]), event(from: nil)] {
            #expect(SignalIntake.judge(event, for: VoiceSample.me) == event.signal.map { .take($0) })
        }
    }

    @Test func `a signal for another device, from this one or of an unknown kind is ignored`() {
        let edits: [(inout Signal) -> Void] = [
            { $0.to = VoiceSample.larger }, { $0.from = VoiceSample.me },
            { $0.kind = Signal.Kind(rawValue: "sdp_updated") },
        ]
        for edit in edits { #expect(SignalIntake.judge(event(edit), for: VoiceSample.me) == .ignore) }
    }

    @Test func `a signal without a trusted sender is refused`() {
        #expect(problem(event(oddities: [.textType], from: nil))?.contains("no proof of its sender") == true)
        #expect(problem(event(oddities: [.senderMismatch]))?.contains("names two senders") == true)
        var unreadable = event()
        unreadable.signal = nil
        #expect(problem(unreadable)?.contains("cannot be decoded") == true)
    }

    @Test(arguments: [
        nil, "", "hello", "{}", #"{"sdp":"v=0\r\n"}"#, "v=1\r\n", "v=0\r\nx", "v=0\r\na=\u{1b}[31m\r\n",
        "v=0\r\n" + String(repeating: "a=x\r\n", count: 14_000),
    ])
    func `an invalid or overlong session description is not passed on`(sdp: String?) {
        #expect(problem(event { $0.sdp = sdp }) != nil)
    }

    @Test func `a number that the answer repeats has a greatest length`() {
        #expect(problem(event { $0.sdpSequence = String(repeating: "9", count: 65) }) != nil)
        #expect(problem(event { $0.sdpSequence = String(repeating: "9", count: 64) }) == nil)
    }
}

struct SignalNumberTests {
    @Test(arguments: [
        (#""7""#, "7"), ("7", "7"), ("1.5", "1.5"), ("1e3", "1e3"), ("18446744073709551616", "18446744073709551616"),
        ("-3", "-3"), ("null", ""), ("true", ""), ("[1]", ""), (#""""#, ""),
    ])
    func `the number of a negotiation is kept unchanged`(source: String, text: String) throws {
        let json =
            #"{"from":{"account_id":"1000000000000000001","platform":5},"sdp":"v=0\r\n","sdp_sequence_number":\#(source),"#
            + #""to":{"account_id":"1000000000000000002","platform":5},"type":"offer"}"#
        let received = try SignalPayload.decode("ver=1.0, type=text, body=" + json)
        #expect(received.signal.sdpSequence == text)
    }
}
