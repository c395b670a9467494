import Testing

@testable import PartySimulator

/// Refusals of the service and their texts.
struct StrictnessTests {
    /// A request with one error.
    struct Wrong: Sendable, CustomTestStringConvertible {
        var method: String
        var path: String
        var body: JSONValue?
        var headers: [(String, String)] = []
        var status: Int
        var message: String?
        var testDescription: String { "\(method) \(path) -> \(status) \(message ?? "")" }
    }

    static func creation(_ key: String, _ value: JSONValue?) -> JSONValue {
        let session = Stage.creation()["v2PartySessions"]?.array?.first ?? .null
        return ["v2PartySessions": [change(session, key, value)]]
    }

    static func member(_ key: String, _ value: JSONValue?) -> JSONValue {
        ["members": [change(Stage.me(), key, value)]]
    }

    static func change(_ object: JSONValue, _ key: String, _ value: JSONValue?) -> JSONValue {
        let rest = (object.object ?? []).filter { $0.key != key }
        return .object(rest + (value.map { [JSONMember(key: key, value: $0)] } ?? []))
    }

    static func bad(_ part: String) -> String { "Bad Request (\(part))" }

    static let creations: [Wrong] = [
        ("joinableUserType", nil), ("joinableUserType", "EVERYBODY"), ("maxMembers", "16"), ("maxMembers", 17),
        ("sessionName", nil), ("sessionType", "HALL"), ("visibilityType", 1), ("surprise", true),
        ("members", .array([])),
    ].map { (key: String, value: JSONValue?) in
        Wrong(
            method: "POST", path: "", body: creation(key, value), headers: Stage.profanity, status: 400,
            message: bad("body: \(key)"))
    }

    static let joins: [Wrong] = [
        ("accountId", "1000000000000000002"), ("platform", "MOBILE_APP"), ("deviceUniqueId", "00"),
        ("voiceChatActivated", "True"), ("pushContexts", nil), ("pushContexts", .array([])),
        ("pushContexts", [["contextId": "no uuid"]]), ("customData4", "????"), ("customData4", nil),
    ].map { (key: String, value: JSONValue?) in
        Wrong(method: "POST", path: "/S/members", body: member(key, value), status: 400)
    }

    static let others: [Wrong] = [
        Wrong(
            method: "POST", path: "", body: Stage.creation(), status: 400,
            message: bad("header: X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE")),
        Wrong(method: "GET", path: "", status: 400, message: bad("header: X-PSN-SESSION-MANAGER-SESSION-IDS")),
        Wrong(
            method: "GET", path: "?view=v9", headers: [("X-PSN-SESSION-MANAGER-SESSION-IDS", "S")], status: 400,
            message: bad("query: view")),
        Wrong(
            method: "PATCH", path: "/S", body: ["sessionName": "x"], status: 400,
            message: bad("header: X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE")),
        Wrong(
            method: "PATCH", path: "/S", body: [:], headers: Stage.profanity, status: 400, message: bad("body: null")),
        Wrong(
            method: "PATCH", path: "/S/members/me", body: ["customData4": "QQ=="], status: 400,
            message: bad("body: customData4")),
        Wrong(
            method: "PATCH", path: "/S/members/me", body: ["customData3": 1], status: 400,
            message: bad("body: customData3")),
        Wrong(
            method: "PATCH", path: "/S/members/me", body: ["voiceChatActivated": "True"], status: 400,
            message: bad("body: voiceChatActivated")),
        Wrong(
            method: "POST", path: "/S/invitations",
            body: ["invitationType": "NORMAL", "invitations": [["to": ["accountId": 1]]], "invitationsToGroups": []],
            status: 400, message: bad("body: invitations")),
        Wrong(
            method: "POST", path: "/S/invitations", body: ["invitations": []], status: 400,
            message: bad("body: invitationType")),
        Wrong(
            method: "POST", path: "/S/bridges", body: ["bridges": [["bridgeId": "x", "bridgeToken": "y"]]], status: 400,
            message: bad("body: bridges")),
        Wrong(method: "PUT", path: "/S", body: [:], status: 405),
    ]

    @Test(arguments: creations + joins + others)
    func `a request with one error is refused`(wrong: Wrong) async {
        let stage = Stage()
        let token = await stage.token("A")
        let id = await stage.create(token)
        let path = wrong.path.hasPrefix("/S") ? "/" + id + wrong.path.dropFirst(2) : wrong.path
        let answer = await stage.call(
            wrong.method, Stage.sessions + path, token, wrong.body, headers: wrong.headers)
        #expect(answer.status == wrong.status)
        #expect(answer.message == wrong.message)
    }

    @Test func `a refused join has no body, every other refusal has code and reference`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let id = await stage.create(token)
        let bare = await stage.call("POST", "\(Stage.sessions)/\(id)/members", token, ["members": []])
        #expect(bare.status == 400)
        #expect(bare.body.isEmpty)
        let full = await stage.call("GET", Stage.sessions, token)
        #expect(full.json["error"]?["code"]?.integer == 0x22F001)
        #expect(isUUID(full.json["error"]?["referenceId"]?.string ?? ""))
    }

    @Test func `a missing or unknown bearer gets 401 everywhere but on the link page`() async {
        let stage = Stage()
        for path in [Stage.sessions, "/api/v1/devices/accounts/me", Stage.serverAddress] {
            #expect(await stage.call("GET", path).status == 401)
            #expect(await stage.call("GET", path, "strange").status == 401)
        }
        #expect(await stage.call("GET", "/api/cpss/v1/partyInfo/kkkkkkkkkkkkkkkkkkkkkk").status == 404)
    }

    @Test func `a body needs its content type`() async {
        let stage = Stage()
        let token = await stage.token("A")
        var request = SimulatedRequest(method: "POST", target: "/api/rtcBridge/v1/bridges", body: Array("{}".utf8))
        request.headers = [("Authorization", "Bearer \(token)"), ("X-PSN-RTC-TITLE-ID", "METROPOL_AND")]
        for type in [nil, "text/plain", "application/json; charset=latin1"] {
            var typed = request
            if let type { typed.headers.append(("Content-Type", type)) }
            guard case .answer(let answer) = await stage.service.respond(to: typed) else { continue }
            #expect(answer.message == "Bad Request (header: Content-Type)")
        }
    }
}
