import Testing

@testable import PartySimulator

struct MessageTests {
    /// A payload with a binary header; each field can be given an invalid value.
    struct Draft {
        var version: UInt32 = 1
        var sender: UInt64 = 1_000_000_000_000_000_001
        var platform: UInt32 = 100_001
        var from: JSONValue = ["account_id": "1000000000000000001", "platform": 100_001]
        var prefix = "1/1/1\n"
        var lengthError = 0

        var payload: String {
            let text = Array(prefix.utf8) + (["from": from, "sdp": "v=0\r\n", "type": "offer"] as JSONValue).bytes
            func little(_ value: UInt64, _ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
            let header =
                little(UInt64(version), 4) + little(0, 4) + little(1, 4) + little(0, 4) + little(sender, 8)
                + little(UInt64(platform), 4) + little(0, 12) + little(UInt64(text.count + lengthError), 4)
            return "ver=1.0, type=binary, body=" + Base64.encode(header + text)
        }
    }

    static let toB: JSONValue = [["accountId": "1000000000000000002", "platform": "MOBILE_APP"]]

    static func body(_ payload: String, to: JSONValue? = toB, unnumbered: Bool = true) -> JSONValue {
        var body: JSONValue = ["channel": "miranda:12", "payload": .string(payload)]
        if let to { body = body.adding("to", to) }
        return unnumbered ? body.adding("withoutSequenceNumber", true) : body
    }

    @Test func `the older path accepts no message`() async {
        let stage = Stage()
        let (id, a, _) = await Self.party(stage)
        let path = "/api/sessionManager/v1/partySessions/\(id)/customMessage"
        let answer = await stage.call("POST", path, a, Self.body(Draft().payload))
        #expect(answer.status == 400)
        #expect(answer.message == "Bad Request (body: null)")
    }

    static func party(_ stage: Stage) async -> (id: String, a: String, b: String) {
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        let id = await stage.create(a, joinable: "FRIENDS")
        _ = await stage.join(id, b)
        return (id, a, b)
    }

    @Test func `a message reaches its recipient, without contexts and a to field`() async throws {
        let stage = Stage()
        let (id, a, b) = await Self.party(stage)
        var probe = try #require(await stage.listen("B", b))
        let payload = Draft().payload
        let answer = await stage.call("POST", "\(Stage.sessions)/\(id)/customMessage", a, Self.body(payload))
        #expect(answer.status == 204)
        let frame = await probe.frame()
        #expect(frame["dataType"]?.string == "psn:sessionManager:sys:v2:ps:customMessage:noSeq:created")
        let data = try #require(frame["body"]?["data"])
        #expect(data["customMessage"]?["payload"]?.string == payload)
        #expect(data["customMessage"]?["channel"]?.string == "miranda:12")
        #expect(data["customMessage"]?["to"] == nil)
        #expect(data["customProperties"]?["from"]?["accountId"]?.string == "1000000000000000001")
        #expect(frame["contexts"] == nil)
    }

    @Test func `messages with numbers are counted`() async throws {
        let stage = Stage()
        let (id, a, b) = await Self.party(stage)
        var probe = try #require(await stage.listen("B", b))
        let body = Self.body(Draft().payload, to: nil, unnumbered: false)
        #expect(await stage.call("POST", "\(Stage.sessions)/\(id)/customMessage", a, body).status == 204)
        let frame = await probe.frame()
        #expect(frame["dataType"]?.string == "psn:sessionManager:sys:v2:ps:customMessage:created")
        // The event of B's join was the first of its context.
        #expect(frame["contexts"]?.array?.first?["sequenceNumber"]?.integer == 2)
    }

    static let wrong: [(String, JSONValue)] = {
        func draft(_ change: (inout Draft) -> Void) -> JSONValue {
            var draft = Draft()
            change(&draft)
            return body(draft.payload)
        }
        let good = Draft().payload
        return [
            ("foreign header id", draft { $0.sender += 1 }), ("foreign platform", draft { $0.platform = 5 }),
            ("foreign from", draft { $0.from = ["account_id": "1000000000000000002", "platform": 100_001] }),
            ("from as integer", draft { $0.from = ["account_id": 1_000_000_000_000_000_001, "platform": 100_001] }),
            ("from platform", draft { $0.from = ["account_id": "1000000000000000001", "platform": 5] }),
            ("no prefix", draft { $0.prefix = "" }), ("length", draft { $0.lengthError = 1 }),
            ("version", draft { $0.version = 2 }),
            ("to no member", body(good, to: [["accountId": "1000000000000000003", "platform": "MOBILE_APP"]])),
            ("to other platform", body(good, to: [["accountId": "1000000000000000002", "platform": "PS5"]])),
            ("to twice", body(good, to: .array((toB.array ?? []) + (toB.array ?? [])))),
            ("to empty", body(good, to: [])), ("no base64", body("ver=1.0, type=binary, body= QQ==")),
            ("unknown key", body(good).adding("surprise", 1)),
        ]
    }()

    @Test(arguments: wrong)
    func `a message with one error gets 400 without details`(name: String, body: JSONValue) async {
        let stage = Stage()
        let (id, a, _) = await Self.party(stage)
        let answer = await stage.call("POST", "\(Stage.sessions)/\(id)/customMessage", a, body)
        #expect(answer.status == 400, "\(name)")
        #expect(answer.message == "Bad Request (body: null)")
    }
}
