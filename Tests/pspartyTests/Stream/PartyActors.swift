import PartySimulator
import PartyTestSupport

/// The accounts of a script with their devices. They send plain requests to the simulated service, without code of the
/// client.
struct PartyActors {
    struct Device {
        let account: String
        let token: String
        /// Whether psparty runs for this device.
        let isOurs: Bool
    }

    let service: SimulatedService
    let devices: [Device]

    /// Phones of all accounts, and a PS5 of the first two. The first device is ours.
    init(_ service: SimulatedService) async {
        self.service = service
        var devices: [Device] = []
        for account in service.accounts {
            let tokens = await service.mintTokens(accountId: account.accountId)
            devices.append(
                Device(account: account.accountId, token: tokens?.access ?? "", isOurs: devices.isEmpty))
        }
        for account in service.accounts.prefix(2) {
            let tokens = await service.mintTokens(accountId: account.accountId, platform: "PS5")
            devices.append(Device(account: account.accountId, token: tokens?.access ?? "", isOurs: false))
        }
        self.devices = devices
    }

    private static let sessions = "/api/sessionManager/v2/partySessions"
    private static let data = "WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0="

    private static func me(_ context: String, _ voice: Bool) -> String {
        #"{"accountId":"me","customData4":"\#(data)","platform":"me","#
            + #""pushContexts":[{"contextId":"\#(context)"}],"voiceChatActivated":\#(voice)}"#
    }

    /// - Returns: the new party's id.
    func create(_ device: Device, context: String, _ seed: UInt64) async -> String? {
        var chance = SeededChance(seed: seed)
        let body =
            #"{"v2PartySessions":[{"joinableUserType":"INVITE_ONLY","maxMembers":\#(4 + chance.below(10)),"#
            + #""members":[\#(Self.me(context, chance.happens(500)))],"sessionName":"party \#(chance.below(9))","#
            + #""sessionType":"ROOM","visibilityType":"INVITE_ONLY"}]}"#
        let answer = await send("POST", "", device, body)
        guard let answer, answer.status == 201 else { return nil }
        let text = String(decoding: answer.body, as: UTF8.self)
        return text.split(separator: "\"").first { $0.utf8.count == 36 }.map(String.init)
    }

    func join(_ device: Device, _ party: String, context: String, _ seed: UInt64) async -> Bool {
        var chance = SeededChance(seed: seed)
        let answer = await send(
            "POST", "/\(party)/members", device, #"{"members":[\#(Self.me(context, chance.happens(500)))]}"#)
        return answer?.status == 201
    }

    func leave(_ device: Device, _ party: String) async {
        _ = await send("DELETE", "/\(party)/members/me", device, nil)
    }

    func kick(_ device: Device, _ party: String, _ seed: UInt64) async {
        var chance = SeededChance(seed: seed)
        let victim = devices[chance.below(devices.count)].account
        _ = await send("DELETE", "/\(party)/members/\(victim)", device, nil)
    }

    func invite(_ device: Device, _ party: String, _ seed: UInt64) async {
        var chance = SeededChance(seed: seed)
        // Mostly our device.
        let whom = devices[chance.happens(600) ? 0 : chance.below(devices.count)].account
        let body =
            #"{"invitationType":"NORMAL","invitations":[{"to":{"accountId":"\#(whom)"}}],"invitationsToGroups":[]}"#
        _ = await send("POST", "/\(party)/invitations", device, body)
    }

    func edit(_ device: Device, _ party: String, _ seed: UInt64) async {
        var chance = SeededChance(seed: seed)
        let bodies = [
            #"{"sessionName":"name \#(chance.below(1000))"}"#,
            #"{"visibilityType":"\#(chance.happens(500) ? "INVITE_ONLY" : "FRIENDS_ONLY")"}"#,
            #"{"joinableUserType":"\#(chance.happens(500) ? "INVITE_ONLY" : "FRIENDS")"}"#,
            #"{"maxMembers":\#(8 + chance.below(9))}"#,
            #"{"sessionName":"both \#(chance.below(10))","visibilityType":"FRIENDS_ONLY"}"#,
        ]
        _ = await send("PATCH", "/\(party)", device, bodies[chance.below(bodies.count)])
    }

    func editSelf(_ device: Device, _ party: String, _ seed: UInt64) async {
        var chance = SeededChance(seed: seed)
        let bodies = [
            #"{"voiceChatActivated":\#(chance.happens(500))}"#, #"{"customData3":"QQ=="}"#,
            #"{"customData4":"\#(Self.data)","voiceChatActivated":\#(chance.happens(500))}"#,
        ]
        _ = await send("PATCH", "/\(party)/members/me", device, bodies[chance.below(bodies.count)])
    }

    private func send(_ method: String, _ path: String, _ device: Device, _ body: String?) async -> SimulatedResponse? {
        var request = SimulatedRequest(method: method, target: Self.sessions + path)
        request.headers = [
            ("Authorization", "Bearer \(device.token)"),
            ("X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE", "en-US"),
        ]
        if let body {
            request.headers.append(("Content-Type", "application/json; charset=utf-8"))
            request.body = Array(body.utf8)
        }
        guard case .answer(let response) = await service.respond(to: request) else { return nil }
        return response
    }
}
