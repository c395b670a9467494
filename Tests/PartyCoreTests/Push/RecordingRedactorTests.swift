import Testing

@testable import PartyCore

struct RecordingRedactorTests {
    private static let random = PartyRandom(uuid: { "" }, bytes: { Array(repeating: 7, count: $0) }, fraction: { 0 })
    private static let time = Timestamp(milliseconds: 1_700_000_000_000)

    private func redacted(_ frames: String...) -> [String] {
        var redactor = RecordingRedactor(Self.random)
        return frames.map { frame in
            var json = JSONWriter()
            let record = StreamRecord(.frames([Array(frame.utf8)]), connection: 1, time: Self.time)
            redactor.write(.record(record), to: &json)
            return String(decoding: json.bytes, as: UTF8.self)
        }
    }

    private static let sdp = [
        "v=0", "o=planted-user 1234567890123 2 IN IP4 203.0.113.77", "s=planted name", "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP6 2001:db8:77::5", "a=ice-ufrag:PlUf",
        "a=ice-pwd:plantedpasswordplanted1",
        "a=fingerprint:sha-256 77:AB:CD:EF:01:23", "a=rtpmap:111 opus/48000/2",
        "a=candidate:842163049 1 udp 1677729535 203.0.113.78 46154 typ srflx raddr 198.51.100.177 rport 0 ufrag PlUf",
        "a=candidate:1 1 udp 1 fe80::77:1%planted0 9 typ host", "a=x-planted:203.0.113.79:5000",
        "a=y:[2001:db8:77::6]:5000",
        "a=msid:- 77777777-2222-4333-8444-555555555555", "a=ssrc:1777777771 cname:plantedcname", "a=z:203-0-113-80", "",
    ].joined(separator: "\\r\\n")

    /// Each has 77 or "planted" in a place for personal data.
    private static func frame() throws -> String {
        let alice = Signal.Endpoint(accountID: AccountID(1_000_000_000_000_000_077), platform: .ps5)
        let signal = try SignalPayload.encode(
            Signal(
                from: alice, to: alice, kind: .offer, sdp: sdp.replacing("\\r\\n", with: "\r\n"), globalSequence: 1,
                sdpSequence: "1"))
        let peers = Base64.text(Array("S77planted\n001000000000000000077\n".utf8))
        let state = Base64.text(Array(#"["","AgAAAA==","1","0","6.2.0","planted","203.0.113.77"]"#.utf8))
        return """
            {"version":"3.0","method":3001,"dataType":"psn:sessionManager:sys:v2:ps:customMessage:noSeq:created",\
            "to":{"accountId":1000000000000000077,"onlineId":"planted-a"},"body":{"data":{"customProperties":{"from":{\
            "accountId":"1000000000000000077","onlineId":"planted-a","deviceUniqueId":"0000000700410080777777777777","platform":"PS5"}},\
            "sessionId":"77777777-2222-4333-8444-555555555555","sessionName":"planted party","customMessage":{\
            "channel":"miranda:12","payload":"\(signal)"},"members":[{"customData3":"\(peers)","customData4":"\(state)"}],\
            "bridgeToken":"planted.token","sdp":"\(sdp)","planted_field":"planted","age":77,"height":1.77,"big":-7777777777,\
            "nested":"{\\"email\\":\\"planted@example.com\\"}","note":"planted at 203.0.113.77","port":"203.0.113.77:80",\
            "list":["planted",["203.0.113.77"]]}},"contexts":[{"contextId":"77777777-2222-4333-8444-555555555556","sequenceNumber":4}]}
            """
    }

    @Test func `no planted value is left, in any wrapping`() throws {
        let text = redacted(try Self.frame())[0]
        func look(_ text: String) {
            #expect(!text.contains("77"), "\(text)")
            #expect(!text.lowercased().contains("plant"), "\(text)")
            #expect(
                !text.contains("203.0") && !text.contains("203-0") && !text.contains("198.51") && !text.contains("fe80")
            )
            #expect(!text.contains("PlUf") && !text.contains("AB:CD") && !text.contains("example"))
        }
        look(text)
        let frame = try #require(try JSONDocument(Array(text.dropLast().utf8)).root["frame"])
        let data = try #require(frame["body"]?["data"])
        let member = try #require(data["members"]?.elements.first)
        for key in ["customData3", "customData4"] {
            let bytes = try #require(member[key]?.string.flatMap { Base64.bytes($0) })
            look(String(decoding: bytes, as: UTF8.self))
        }
        let payload = try #require(data["customMessage"]?["payload"]?.string)
        look(String(decoding: try SignalEnvelope.open(payload).content, as: UTF8.self))
        let signal = try SignalPayload.decode(payload)
        #expect(signal.oddities == [])
        look(signal.signal.sdp ?? "")
    }

    @Test func `types, formats and identity are kept`() throws {
        let text = redacted(try Self.frame())[0]
        let frame = try #require(try JSONDocument(Array(text.dropLast().utf8)).root["frame"])
        let data = try #require(frame["body"]?["data"])
        let account = try #require(data["customProperties"]?["from"]?["accountId"]?.string)
        #expect(account.count == 19 && account.hasPrefix("1000000000000000"))
        #expect(frame["to"]?["accountId"].map { String(decoding: $0.source, as: UTF8.self) } == account)
        let payload = try #require(data["customMessage"]?["payload"]?.string)
        let signal = try SignalPayload.decode(payload).signal
        #expect(signal.from.accountID.description == account)
        let member = try #require(data["members"]?.elements.first)
        let peers = try #require(member["customData3"]?.string.flatMap { Base64.bytes($0) })
        #expect(String(decoding: peers, as: UTF8.self).hasSuffix("\n00\(account)\n"))
        let sdp = try #require(signal.sdp)
        #expect(sdp.contains("a=rtpmap:111 opus/48000/2\r\n"))
        #expect(sdp.contains(" IN IP4 192.0.2."))
        #expect(sdp.contains("c=IN IP6 2001:db8::"))
        #expect(isUUID(data["sessionId"]?.string ?? ""))
        #expect(frame["contexts"]?.elements.first?["sequenceNumber"]?.integer == 4)
    }

    @Test func `the type of an event is kept, also of an unknown one`() throws {
        let types = [
            "psn:sessionManager:sys:v2:ps:invitations:created", "a:plantedInvitation:deleted", "psn:planted:x",
            "planted",
            "psn:sessionManager:sys:outside:v2:partySession:deleted",
        ]
        for type in types {
            let frame = #"{"method":3001,"dataType":"\#(type)","body":{"data":{}}}"#
            let text = redacted(frame)[0]
            #expect(!text.contains("planted"))
            let after = try #require(try JSONDocument(Array(text.dropLast().utf8)).root["frame"])
            let kinds = try [Array(frame.utf8), Array(after.source)].map {
                PushEventDecoder.event(in: try PushFrame($0)).kind
            }
            #expect(kinds[0] == kinds[1], "\(type)")
        }
    }

    @Test func `invalid frames stay invalid, and equal frames stay equal`() throws {
        let broken = redacted("planted", "{\"a\":")
        #expect(broken.allSatisfy { $0.contains(#""bytes":"#) && !$0.contains(Base64.text(Array("planted".utf8))) })
        let frame = try Self.frame()
        let pair = redacted(frame, frame)
        #expect(pair[0] == pair[1])
    }

    /// Every kind of line that a recorder writes.
    private static let lines: [RecordingLine] = {
        let alice = Member(
            accountID: AccountID(1_000_000_000_000_000_077), onlineID: "planted", platform: .ps5, joinOrder: 1,
            joinedAt: time, voice: true)
        let party = PartySession(
            id: PartyID("77777777-2222-4333-8444-555555555555"), name: "planted", visibility: .inviteOnly,
            joinableBy: .friends, maxMembers: 16, joinable: true, createdAt: time, owner: alice, members: [alice])
        let lifecycles: [StreamLifecycle] = [
            .connected, .ready, .lost(reason: "planted", retryAfter: .seconds(1)), .resynced(rejoined: [party.id]),
            .tokenRenewed, .stopping, .frameInvalid(problem: "planted", size: 77),
            .retrying(reason: "planted", retryAfter: .seconds(1), isAdvised: true),
        ]
        let snapshots = [
            StreamSnapshot([.init(id: party.id, party: party)], isWhole: true, account: alice.accountID),
            StreamSnapshot([.init(id: party.id, party: nil)]),
        ]
        let frames = [Array(#"{"method":3001}"#.utf8), Array("planted".utf8)].map { StreamDelivery.frames([$0]) }
        let deliveries = lifecycles.map { .lifecycle($0) } + snapshots.map { .snapshot($0) } + frames
        return [.head(.init(account: alice.accountID, startedAt: time))]
            + deliveries.map { .record(StreamRecord($0, connection: 1, time: time)) }
    }()

    @Test func `keys and flags of our own records are kept`() throws {
        /// Each text and number replaced, so that names, flags and nesting remain.
        func shape(_ view: JSONView) -> String {
            if view.isObject { return "{" + view.members.map { "\($0):\(shape($1))" }.joined(separator: ",") + "}" }
            if view.isArray { return "[" + view.elements.map(shape).joined(separator: ",") + "]" }
            return view.bool.map { "\($0)" } ?? (view.isNull ? "null" : view.string == nil ? "0" : "text")
        }
        var redactor = RecordingRedactor(Self.random)
        for line in Self.lines {
            var (plain, redacted) = (JSONWriter(), JSONWriter())
            switch line {
            case .head(let head): head.write(to: &plain)
            case .record(let record): record.write(to: &plain)
            }
            redactor.write(line, to: &redacted)
            let documents = try [plain, redacted].map { try JSONDocument(Array($0.bytes.dropLast())) }
            #expect(shape(documents[1].root) == shape(documents[0].root))
            let text = String(decoding: redacted.bytes, as: UTF8.self)
            #expect(!text.contains("planted") && !text.contains("7777"), "\(text)")
        }
    }

    @Test func `the account of a snapshot has one pseudonym everywhere`() throws {
        var redactor = RecordingRedactor(Self.random)
        var json = JSONWriter()
        for line in Self.lines { redactor.write(line, to: &json) }
        let text = String(decoding: json.bytes, as: UTF8.self)
        let accounts = text.split(separator: #""accountId":""#).dropFirst().map { $0.prefix { $0 != "\"" } }
        // In the head, the owner, the member and the snapshot.
        #expect(accounts.count == 4)
        #expect(Set(accounts).count == 1)
    }

    @Test func `stream events and snapshots are redacted too`() {
        var redactor = RecordingRedactor(Self.random)
        var json = JSONWriter()
        let lost = StreamLifecycle.lost(reason: "planted 203.0.113.77", retryAfter: .seconds(1))
        redactor.write(.record(StreamRecord(.lifecycle(lost), connection: 1, time: Self.time)), to: &json)
        let alice = Member(accountID: AccountID(1_000_000_000_000_000_077), onlineID: "planted", platform: .ps5)
        let party = PartySession(id: PartyID("77777777-2222-4333-8444-555555555555"), name: "planted", members: [alice])
        let snapshot = StreamSnapshot([.init(id: party.id, party: party)])
        redactor.write(.record(StreamRecord(.snapshot(snapshot), connection: 1, time: Self.time)), to: &json)
        redactor.write(.head(.init(account: alice.accountID, startedAt: Self.time)), to: &json)
        let text = String(decoding: json.bytes, as: UTF8.self)
        #expect(!text.contains("planted") && !text.contains("77") && !text.contains("203.0"))
        #expect(text.contains(#""lifecycle":{"type":"stream.lost","reason":"redacted-"#))
        #expect(text.contains(#""platform":"PS5""#))
    }

    @Test func `a value keeps its pseudonym beyond the size of the table`() {
        var redactor = RecordingRedactor(Self.random)
        func line(_ name: String, _ field: String) -> String {
            var json = JSONWriter()
            let frame = Array(#"{"onlineId":"\#(name)","\#(field)":"text of \#(name)"}"#.utf8)
            redactor.write(.record(StreamRecord(.frames([frame]), connection: 1, time: Self.time)), to: &json)
            return String(decoding: json.bytes, as: UTF8.self)
        }
        let first = line("alice", "planted")
        let others = Set((0..<5000).map { line("user-\($0)", "planted\($0)") })
        #expect(others.count == 5000)
        #expect(line("alice", "planted") == first)
    }
}
