import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// A fault, and the line in which `doctor` shows it.
struct DoctorRow: Sendable, CustomTestStringConvertible {
    let fault: String
    /// The line that is not ok; `nil` if all are.
    let check: DoctorCheck?
    var result = "failure"
    /// Parts of its detail, and a part of its hint.
    var says: [String] = []
    var advises = ""
    var status: Int32 = 0
    var scenario = Scenario()
    var isSignedIn = true
    /// Waits of this length are over at once.
    var passing: Duration?
    /// The fault itself, after the sign-in.
    var strike: @Sendable (CommandHarness) async -> Void = { _ in }

    var testDescription: String { fault }

    /// Requests of that path meet a fault; `nil` is every request.
    static func struck(
        _ fault: String, _ path: String?, _ action: Fault.Action, times: Int? = nil, _ check: DoctorCheck?,
        _ result: String = "failure", says: String..., advises: String = "", status: Int32
    ) -> DoctorRow {
        DoctorRow(fault: fault, check: check, result: result, says: says, advises: advises, status: status) { harness in
            await harness.world.service.add(Fault(match: .init(path: path, times: times), action: action))
        }
    }

    /// The service behaves in that way from the start.
    static func behaving(
        _ fault: String, _ check: DoctorCheck?, _ result: String = "failure", says: String..., advises: String = "",
        status: Int32, _ change: (inout Scenario) -> Void
    ) -> DoctorRow {
        var scenario = Scenario()
        change(&scenario)
        return DoctorRow(
            fault: fault, check: check, result: result, says: says, advises: advises, status: status,
            scenario: scenario)
    }
}

extension DoctorRow {
    private static let list = "bulkGet"
    private static let lookup = "/np/serveraddr"
    private static let upgrade = "/np/pushNotification"

    private static func response(
        _ status: Int, _ headers: [(name: String, value: String)] = [], _ body: String = ""
    ) -> Fault.Action { .status(SimulatedResponse(status: status, headers: headers, body: Array(body.utf8))) }

    static let network: [DoctorRow] = [
        DoctorRow(fault: "no fault", check: nil),
        .struck("no response", nil, .drop, .http, says: "no answer", advises: "try again", status: 7),
        .struck("reset", nil, .reset, .http, says: "broke off", advises: "try again", status: 7),
        .behaving(
            "a clock that is behind", .clock, "warning", says: "10 min behind the service's", advises: "timedatectl",
            status: 0
        ) { $0.clockOffset = 600 },
        .behaving(
            "a clock that is ahead", .clock, "warning", says: "2 h ahead of the service's", advises: "timedatectl",
            status: 0
        ) { $0.clockOffset = -7200 },
    ]

    static let signIn: [DoctorRow] = [
        DoctorRow(
            fault: "not signed in", check: .signIn, says: ["not signed in"], advises: "psparty login", status: 4,
            isSignedIn: false),
        DoctorRow(
            fault: "a refresh token that is dead", check: .signIn, says: ["has expired or was revoked"],
            advises: "sign in again", status: 4
        ) { harness in
            harness.world.clock.advance(by: .seconds(3600))
            await harness.world.service.killRefreshTokens()
        },
        DoctorRow(
            fault: "a sign-in that the service ended", check: .service, says: ["has expired or was revoked"],
            advises: "sign in again", status: 4
        ) { harness in
            await harness.world.service.expireAccessTokens()
            await harness.world.service.killRefreshTokens()
        },
        DoctorRow(fault: "an access token that the service ended", check: nil) { harness in
            await harness.world.service.expireAccessTokens()
        },
        DoctorRow(
            fault: "a refresh that fails while the token is valid", check: .signIn, result: "warning",
            says: ["could not be renewed", "valid for another 100 s"], advises: "still stands"
        ) { harness in
            harness.world.clock.advance(by: .seconds(3499))
            await harness.world.service.add(Fault(match: .init(path: "oauth/token", times: nil), action: response(503)))
        },
        DoctorRow(
            fault: "a refresh that fails after the token's end", check: .signIn, says: ["sign-in failed", "HTTP 503"],
            status: 7
        ) { harness in
            harness.world.clock.advance(by: .seconds(3700))
            await harness.world.service.add(Fault(match: .init(path: "oauth/token", times: nil), action: response(503)))
        },
        DoctorRow(
            fault: "an OAuth client that the service does not know", check: .signIn, says: ["HTTP 401"],
            advises: "PSPARTY_CLIENT_SECRET", status: 4
        ) { harness in
            harness.world.clock.advance(by: .seconds(3700))
            await harness.world.service.add(Fault(match: .init(path: "oauth/token", times: nil), action: response(401)))
        },
        .behaving(
            "a sign-in that ends soon", .signIn, "warning", says: "new sign-in needed in 47 h",
            advises: "sign in again",
            status: 0
        ) { $0.refreshTokenLife = 2 * 86_400 },
    ]

    static let service: [DoctorRow] = [
        .struck("a service with a fault", list, response(503), .service, says: "HTTP 503", advises: "later", status: 7),
        .struck(
            "a service that is overloaded", list,
            .retryAfter(RetryAfterRefusal(status: 429, seconds: 90)), .service, says: "HTTP 429", "wait 90 s",
            advises: "try again in 90 s", status: 6),
        .struck(
            "a page of the network in front of the service", list,
            response(403, [("Content-Type", "text/html")], "<html>"), .service, says: "network in front of the service",
            advises: "VPN", status: 7),
        .struck("a refusal", list, response(403), .service, says: "HTTP 403", status: 5),
        .struck(
            "a response that is not JSON", list, .wrongJSON, .service, says: "cannot be read", advises: "try again",
            status: 7),
        .struck(
            "a response that is cut", list, .truncated(bodyBytes: 3), .service, says: "the answer was cut", status: 7),
        .struck("a response that is lost", list, .drop, .service, says: "no answer", advises: "later", status: 7),
        .struck(
            "an error in a response with status 200", list,
            response(200, [], #"{"error":{"code":1,"message":"no"}}"#), .service, says: "[no]", status: 1),
        .struck(
            "a redirect", list, response(302, [("Location", "/x")]), .service, says: "HTTP 302", advises: "try again",
            status: 7),
        DoctorRow(
            fault: "a budget that is used up", check: .budget, says: ["0 of 300"],
            advises: "the next request is possible in 15 min",
            status: 6
        ) { harness in await harness.spend(300) },
        DoctorRow(
            fault: "a budget that is nearly used up", check: .budget, result: "warning", says: ["30 of 300"],
            advises: "listen"
        ) { harness in await harness.spend(270) },
    ]

    static let push: [DoctorRow] = [
        .behaving(
            "a look-up that is refused with advice", .pushLookup, says: "HTTP 403", "asks to wait 2 min to 3 min",
            advises: "wait", status: 5
        ) { $0.lookUpRefusal = Scenario.LookUpRefusal() },
        .struck(
            "a look-up that fails", lookup, response(503), .pushLookup, says: "HTTP 503", advises: "later", status: 7),
        .struck("a push service that is gone", lookup, response(404), .pushLookup, says: "HTTP 404", status: 7),
        .struck(
            "a look-up that names no host", lookup, response(200, [], "{}"), .pushLookup, says: "names no host",
            status: 7),
        .struck(
            "a look-up without response", lookup, .reset, .pushLookup, says: "broke off", advises: "later", status: 7),
        .struck(
            "a protocol that is refused", lookup, response(400), times: 1, .pushLookup, "warning", says: "protocol 2.1",
            "refused protocol 3.0", advises: "nothing to do", status: 0),
        .struck("an upgrade that fails", upgrade, response(503), .push, says: "HTTP 503", advises: "later", status: 7),
        .struck(
            "an upgrade that is refused with advice", upgrade,
            response(403, [("X-PSN-RETRY-INTERVAL-MIN", "120"), ("X-PSN-RETRY-INTERVAL-MAX", "1200")]), .push,
            says: "HTTP 403", "asks to wait 2 min to 20 min", advises: "device id", status: 5),
        .struck("an upgrade without response", upgrade, .reset, .push, says: "broke off", advises: "later", status: 7),
        .struck(
            "a token that expires before the upgrade", upgrade, .expireAccessTokens, times: 1, nil, status: 0),
        .struck(
            "a connection that is closed at once", upgrade, .onReady([.close(code: 1012, reason: "restart")]), .push,
            says: "lost at once", "code 1012, restart", advises: "try again", status: 7),
        .struck("a connection that is cut at once", upgrade, .onReady([.cut]), .push, says: "lost at once", status: 7),
        .struck("fragmented messages", upgrade, .fragmented(pieces: 3), nil, status: 0),
        .struck(
            "messages that are not JSON", upgrade, .onReady([.text(Array("{".utf8)), .text(Array("[]".utf8))]), nil,
            status: 0),
        DoctorRow(
            fault: "pings without answer", check: .push, says: ["a ping is not answered"], advises: "proxy or firewall",
            status: 7, passing: .seconds(4)
        ) { harness in
            await harness.world.service.add(Fault(match: .init(path: upgrade, times: nil), action: .noPong))
        },
        .behaving(
            "a status that is not accepted", .push, "warning", says: "return code 5", advises: "sign in again",
            status: 0
        ) { $0.statusReturnCode = 5 },
        .behaving("client frames without answer", nil, status: 0) { $0.clientFramesAnswered = false },
        .behaving("a push service that waits for the status", nil, status: 0) { $0.statusFrameNeeded = true },
        .behaving("a push service that checks frames", nil, status: 0) { $0.clientFramesChecked = true },
    ]
}

extension CommandHarness {
    /// Writes into the profile's budget that so many requests were just sent.
    func spend(_ count: Int) async {
        let now = world.clock.partyClock.now()
        var budget = RequestBudget([])
        for _ in 0..<count { _ = budget.spend(at: now) }
        let store = store()
        guard let folder = store.accountFolder else { return }
        try? store.save(StoreItem.budget.in(folder), budget.bytes)
    }
}

extension MemoryStore {
    /// The folder of the account that is signed in.
    fileprivate var accountFolder: String? {
        guard let bytes = kept(.credentials), let credentials = try? CredentialsFile.decode(bytes) else { return nil }
        return credentials.account.folderName
    }
}
