import Synchronization

@testable import PartySimulator

/// The clock of a stage, which only the test advances.
final class StageClock: Sendable {
    private let passed = Atomic<Int64>(0)

    var now: Int64 { Stage.now + passed.load(ordering: .relaxed) }

    func advance(by milliseconds: Int64) { passed.add(milliseconds, ordering: .relaxed) }
}

/// A service on a manual clock, and the calls of the tests.
struct Stage {
    static let now: Int64 = 1_700_000_000_000
    static let contextId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    static let customData4 = "WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0="
    static let sessions = "/api/sessionManager/v2/partySessions"
    static let profanity = [("X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE", "en-US")]

    let service: SimulatedService
    let clock = StageClock()

    /// Events precede responses by default, so that they have been sent when a call returns.
    init(_ change: (inout Scenario) -> Void = { _ in }) {
        var scenario = Scenario()
        scenario.eventsBeforeAnswer = true
        change(&scenario)
        service = SimulatedService(scenario: scenario, now: { [clock] in clock.now })
    }

    func token(_ name: String, platform: String? = nil) async -> String {
        let id = service.account(name)?.accountId ?? ""
        return await service.mintTokens(accountId: id, platform: platform)?.access ?? ""
    }

    func reply(
        _ method: String, _ target: String, _ token: String? = nil, _ body: JSONValue? = nil,
        headers: [(String, String)] = []
    ) async -> SimulatedReply {
        var request = SimulatedRequest(method: method, target: target)
        request.headers = headers.map { (name: $0.0, value: $0.1) }
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        if let body {
            request.body = body.bytes
            request.headers.append(("Content-Type", "application/json; charset=utf-8"))
        }
        return await service.respond(to: request)
    }

    func call(
        _ method: String, _ target: String, _ token: String? = nil, _ body: JSONValue? = nil,
        headers: [(String, String)] = []
    ) async -> SimulatedResponse {
        guard case .answer(let response) = await reply(method, target, token, body, headers: headers) else {
            return SimulatedResponse(status: 0)
        }
        return response
    }

    static func me(context: String = contextId) -> JSONValue {
        [
            "accountId": "me", "customData4": .string(customData4), "platform": "me",
            "pushContexts": [["contextId": .string(context)]], "voiceChatActivated": true,
        ]
    }

    static func creation(joinable: String = "INVITE_ONLY", maxMembers: Int64 = 16) -> JSONValue {
        let session: JSONValue = [
            "joinableUserType": .string(joinable), "maxMembers": .integer(maxMembers), "members": [me()],
            "sessionName": "", "sessionType": "ROOM", "visibilityType": "INVITE_ONLY",
        ]
        return ["v2PartySessions": [session]]
    }

    func create(_ token: String, joinable: String = "INVITE_ONLY", maxMembers: Int64 = 16) async -> String {
        let answer = await call(
            "POST", Self.sessions, token, Self.creation(joinable: joinable, maxMembers: maxMembers),
            headers: Self.profanity)
        return answer.json["v2PartySessions"]?.array?.first?["sessionId"]?.string ?? ""
    }

    func join(_ id: String, _ token: String, headers: [(String, String)] = []) async -> SimulatedResponse {
        await call("POST", "\(Self.sessions)/\(id)/members", token, ["members": [Self.me()]], headers: headers)
    }

    func invite(_ id: String, _ token: String, _ name: String) async -> SimulatedResponse {
        let to = service.account(name)?.accountId ?? ""
        return await call(
            "POST", "\(Self.sessions)/\(id)/invitations", token,
            [
                "invitationType": "NORMAL", "invitations": [["to": ["accountId": .string(to)]]],
                "invitationsToGroups": [],
            ])
    }

    func show(_ id: String, _ token: String) async -> SimulatedResponse {
        await call(
            "GET", "\(Self.sessions)?view=v3", token, headers: [("X-PSN-SESSION-MANAGER-SESSION-IDS", id)])
    }

    /// The party session in the response of `show`.
    func session(_ id: String, _ token: String) async -> JSONValue? {
        await show(id, token).json["v2PartySessions"]?.array?.first
    }
}

extension SimulatedResponse {
    var json: JSONValue { (try? JSONReader.read(body)) ?? .null }
    var message: String? { json["error"]?["message"]?.string }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
