import Foundation
import PartyCore
import Testing

struct SignalPayloadTests {
    private static let offer = Signal(
        from: .init(accountID: alice, platform: .mobileApp), to: .init(accountID: bob, platform: .ps5), kind: .offer,
        sdp: "v=0\r\n", globalSequence: 1, sdpSequence: "1")

    /// The bytes behind `body=`, mutated and put into an envelope again.
    private static func edited(_ signal: Signal, _ edit: (inout [UInt8]) -> Void) throws -> String {
        var content = try SignalEnvelope.open(try SignalPayload.encode(signal)).content
        edit(&content)
        return SignalEnvelope.seal(content)
    }

    /// A payload with that text and a matching header.
    private static func payload(_ body: String, sender: AccountID = alice, platform: UInt8 = 5) -> String {
        let length = UInt32(body.utf8.count)
        let ids = (0..<8).map { UInt8(truncatingIfNeeded: sender.number >> (8 * $0)) }
        let lengths = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) }
        let start: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
        let header = start + ids + [platform, 0, 0, 0] + [UInt8](repeating: 0, count: 12) + lengths
        return SignalEnvelope.seal(header + Array(body.utf8))
    }

    private static func text(_ json: String) -> String { "1/1/1\n" + json }

    private static let minimal =
        #"{"from":{"account_id":"1000000000000000001","platform":5},"to":{"account_id":"1000000000000000002","platform":7},"type":"offer"}"#

    @Test func `the example of the protocol page is written byte for byte`() throws {
        let payload = try SignalPayload.encode(Self.offer)
        let prefix = "ver=1.0, type=binary, body="
        #expect(payload.hasPrefix(prefix))
        #expect(payload.dropFirst(prefix.count).utf8.count == 616)
        let content = try SignalEnvelope.open(payload).content
        let header = content.prefix(44).map { String(format: "%02x", $0) }.joined()
        #expect(
            header
                == "01000000000000000100000000000000" + "010064a7b3b6e00d" + "a1860100"
                + "000000000000000000000000" + "a0010000")
        #expect(content.count == 44 + 416)
        #expect(content[44...].starts(with: Array("1/1/1\n{\"from".utf8)))
        #expect(content.last == UInt8(ascii: "}"))
    }

    @Test func `every vector is written byte for byte and read back as the same signal`() throws {
        let vectors = try Fixture.elements("signals.json")
        #expect(vectors.count == 3)
        for vector in vectors {
            func endpoint(_ name: String) throws -> Signal.Endpoint {
                let account = try #require(vector[name]?["accountId"]?.string.flatMap { AccountID($0) })
                let platform = try #require(vector[name]?["platform"]?.string)
                return Signal.Endpoint(accountID: account, platform: Platform(rawValue: platform))
            }
            let signal = Signal(
                from: try endpoint("from"), to: try endpoint("to"),
                kind: Signal.Kind(rawValue: try #require(vector["type"]?.string)), sdp: vector["sdp"]?.string,
                globalSequence: try #require(vector["globalSequence"]?.integer),
                sdpSequence: try #require(vector["sdpSequence"]?.string))
            let payload = try #require(vector["payload"]?.string)
            #expect(try SignalPayload.encode(signal) == payload)
            #expect(try SignalPayload.decode(payload) == ReceivedSignal(signal: signal, oddities: []))
        }
    }

    @Test func `tolerated vectors are read, each with its oddities`() throws {
        let vectors = try Fixture.elements("signals-tolerated.json")
        let oddities = try vectors.map { vector in
            let received = try SignalPayload.decode(try #require(vector["payload"]?.string))
            #expect(received.signal.kind.rawValue == vector["type"]?.string)
            #expect(received.signal.from == Signal.Endpoint(accountID: alice, platform: .mobileApp))
            #expect(received.signal.sdp?.hasSuffix("a=max-message-size:262144\r\n") == true)
            return received.oddities
        }
        #expect(oddities == [[.headerCounter], [.envelopeSpelling, .headerLength]])
    }

    @Test func `broken vectors are refused with the offset of the error`() throws {
        let vectors = try Fixture.elements("signals-broken.json")
        let errors = try vectors.map { vector in
            let payload = try #require(vector["payload"]?.string)
            let error = try #require(throws: CodecError.self) { try SignalPayload.decode(payload) }
            #expect((0...payload.utf8.count).contains(error.offset))
            return error
        }
        #expect(
            errors.map(\.problem) == [
                "the payload has no body=", "the payload has no body=", "the body is not base64",
                "the base64 of the body is cut or wrongly padded",
                "the body has 20 bytes, and no signal after its header",
                "the body has 44 bytes, and no signal after its header",
                "the header announces 1305 bytes of text, 1206 follow",
            ])
        #expect([0, 1, 2, 4, 5, 6].map { errors[$0].offset } == [0, 20, 27, 20, 44, 40])
    }

    @Test func `a header that names another account is a sender mismatch`() throws {
        let payload = try Self.edited(Self.offer) { $0[16] ^= 2 }
        let received = try SignalPayload.decode(payload)
        #expect(received == ReceivedSignal(signal: Self.offer, oddities: [.senderMismatch]))
    }

    @Test func `a header that names another platform is a sender mismatch`() throws {
        let payload = try Self.edited(Self.offer) { $0.replaceSubrange(24..<28, with: [5, 0, 0, 0]) }
        #expect(try SignalPayload.decode(payload).oddities == [.senderMismatch])
    }

    @Test func `the first 16 bytes of the header are ignored except for the counter`() throws {
        let payload = try Self.edited(Self.offer) { content in
            for place in [0, 4, 12, 30, 39] { content[place] = 0xEE }
        }
        #expect(try SignalPayload.decode(payload) == ReceivedSignal(signal: Self.offer, oddities: []))
    }

    @Test func `an unknown platform number is kept and written again`() throws {
        let payload = Self.payload(Self.text(Self.minimal))
        let received = try SignalPayload.decode(payload)
        #expect(received.oddities == [])
        #expect(received.signal.from.platform == .ps5)
        #expect(received.signal.to.platform == Platform(rawValue: "7"))
        var again = try SignalPayload.decode(try SignalPayload.encode(received.signal)).signal
        #expect(again == received.signal)
        again.from = Signal.Endpoint(accountID: bob, platform: Platform(rawValue: "7"))
        let reread = try SignalPayload.decode(try SignalPayload.encode(again))
        #expect(reread == ReceivedSignal(signal: again, oddities: []))
    }

    @Test func `a platform without a known number cannot be written`() {
        var signal = Self.offer
        signal.to = Signal.Endpoint(accountID: bob, platform: .ps4)
        let error = #expect(throws: CodecError.self) { try SignalPayload.encode(signal) }
        #expect(error?.problem == "no number is known for platform PS4")
    }

    @Test func `a signal without a session description is written without one`() throws {
        var signal = Self.offer
        signal.sdp = nil
        signal.kind = Signal.Kind(rawValue: "user_table_updated")
        let payload = try SignalPayload.encode(signal)
        let content = try SignalEnvelope.open(payload).content
        #expect(!PartyCoreTests.text(content.dropFirst(44)).contains("\"sdp\""))
        #expect(try SignalPayload.decode(payload) == ReceivedSignal(signal: signal, oddities: []))
    }

    private static let prefixes: [(String, Set<ReceivedSignal.Oddity>)] = [
        ("2/1/1\n", [.messagePrefix]), ("10/22/333\n", [.messagePrefix]), ("", [.messagePrefix]), ("1/1/1\n", []),
        ("1/1/1\n \n", []),
    ]

    @Test(arguments: prefixes)
    func `another message prefix is an oddity`(_ prefix: String, _ oddities: Set<ReceivedSignal.Oddity>) throws {
        #expect(try SignalPayload.decode(Self.payload(prefix + Self.minimal)).oddities == oddities)
    }

    @Test(arguments: ["x/1/1\n", "1/1\n", "1/1/1", "/1/1\n", "\n", "1//1\n"])
    func `a text without a valid message prefix is not a signal`(_ prefix: String) {
        #expect(throws: CodecError.self) { try SignalPayload.decode(Self.payload(prefix + Self.minimal)) }
    }

    @Test(arguments: [
        ("ver=1.0, type=binary, body=", true), ("ver=1.0, type=binary, body= ", false), ("body=", false),
        ("payload=ver=1.0, type=binary, body=   ", false), ("ver=1.1, type=binary, body=", false),
    ])
    func `another spelling of the envelope is an oddity`(_ envelope: String, _ isCanonical: Bool) throws {
        let body = try SignalPayload.encode(Self.offer).dropFirst("ver=1.0, type=binary, body=".count)
        let received = try SignalPayload.decode(envelope + body)
        #expect(received == ReceivedSignal(signal: Self.offer, oddities: isCanonical ? [] : [.envelopeSpelling]))
    }

    @Test(arguments: ["", "1/1/1\n", "2/1/1\n"])
    func `a signal as plain text is read`(_ prefix: String) throws {
        let received = try SignalPayload.decode("ver=1.0, type=text, body=" + prefix + Self.minimal)
        #expect(received.oddities == [.textType])
        #expect(received.signal.kind == .offer)
        #expect(received.signal.sdp == nil)
        #expect(received.signal.sdpSequence == "")
        #expect(received.signal.globalSequence == 0)
    }

    @Test(arguments: [
        #"{"to":{"account_id":"2","platform":5},"type":"offer"}"#,
        #"{"from":{"account_id":"1","platform":5},"type":"offer"}"#,
        #"{"from":{"account_id":"1","platform":5},"to":{"account_id":"2","platform":5}}"#,
        #"{"from":{"account_id":"x","platform":5},"to":{"account_id":"2","platform":5},"type":"offer"}"#,
        #"{"from":{"account_id":"1"},"to":{"account_id":"2","platform":5},"type":"offer"}"#,
        #"{"from":{"account_id":"1","platform":[]},"to":{"account_id":"2","platform":5},"type":"offer"}"#,
        #"{"from":{"account_id":"1","platform":5},"to":{"account_id":"2","platform":5},"type":1}"#, "{}", "[]", "1", "",
        "{",
    ])
    func `an incomplete signal is refused`(_ json: String) {
        #expect(throws: CodecError.self) { try SignalPayload.decode("type=text, body=" + json) }
        #expect(throws: CodecError.self) { try SignalPayload.decode(Self.payload(Self.text(json))) }
    }

    @Test func `numeric ids and sequences are read`() throws {
        let received = try SignalPayload.decode(
            #"type=text, body={"from":{"account_id":1000000000000000001,"platform":"5"},"to":{"account_id":"2","#
                + #""platform":"PSPC"},"type":"x","sdp_sequence_number":3,"global_seq_num":"58"}"#)
        #expect(received.signal.from == Signal.Endpoint(accountID: alice, platform: .ps5))
        #expect(received.signal.to.platform == Platform(rawValue: "PSPC"))
        #expect(received.signal.sdpSequence == "3")
        #expect(received.signal.globalSequence == 58)
    }

    @Test(arguments: [
        ("", "the payload has no body="), ("body", "the payload has no body="), ("body=", "the body is empty"),
        ("body=  ", "the body is empty"), ("body=AA\nAA", "the body is not base64"),
        ("body=A-_A", "the body is not base64"),
        ("body=A", "the base64 of the body is cut or wrongly padded"),
        ("body=AA=A", "the body is not base64"), ("body=A===", "the body is not base64"),
        ("body==", "the base64 of the body is cut or wrongly padded"),
    ])
    func `an invalid envelope is an error with a reason`(_ payload: String, _ problem: String) {
        let error = #expect(throws: CodecError.self) { try SignalEnvelope.open(payload) }
        #expect(error?.problem == problem)
    }
}
