import Testing

@testable import PartySimulator

/// Every key of a scenario with extreme values: it is refused with an explanation, or the service works.
@Suite(.timeLimit(.minutes(5))) struct ScenarioExtremeTests {
    private static let values = [
        "0", "-0", "-1", "1", "3", "1099511627776", "1099511627777", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551616", "0.5", "1e308", "1e999", "1e-320", "\"9\"", "\"\"", "null",
        "true", "[]", "{}",
        #"{"clientKeepAliveInterval":9223372036854775807,"serverPresenceTimeout":-9223372036854775808}"#,
        #"{"status":9223372036854775807}"#,
        #"{"retryIntervalMin":-9223372036854775808,"retryIntervalMax":9223372036854775807}"#,
        #"{"shortest":9223372036854775807}"#,
    ]

    private static let keys = Mirror(reflecting: Scenario()).children.compactMap(\.label)

    @Test func `of the scenario`() async throws {
        #expect(Self.keys.count > 30)
        var taken = 0
        for key in Self.keys {
            for value in Self.values {
                let text = #"{"\#(key)":\#(value)}"#
                guard let scenario = try? Scenario(json: Array(text.utf8)) else { continue }
                taken += 1
                let stage = Stage { $0 = scenario }
                let token = await stage.token("A")
                let created = await stage.reply(
                    "POST", Stage.sessions, token, Stage.creation(), headers: Stage.profanity)
                if case .answer(let answer) = created { #expect([201, 401].contains(answer.status), "\(text)") }
                _ = await stage.reply(
                    "GET", "/np/serveraddr?version=3.0&keepAliveStatusType=6&fields=keepAliveStatus", token)
                stage.clock.advance(by: 1 << 50)
                _ = await stage.reply("GET", Stage.sessions + "?view=v3", token)
            }
        }
        #expect(taken > 100)
    }

    @Test(arguments: [
        "delayMs", "status", "seconds", "bytes", "kilobytes", "pieces", "code", "count", "size", "intervalMs", "skip",
        "times", "oversize",
    ])
    func `of a fault`(key: String) async throws {
        for value in Self.values {
            for kind in ["status", "retryAfter", "truncated", "bigHeaders", "fragmented", "errorDocument"] {
                let number = #""\#(key)":\#(value)"#
                let action = #"{"kind":"\#(kind)",\#(key == "status" ? "" : #""status":503,"#)\#(number)}"#
                for fault in [
                    #"{"match":{\#(number)},"action":{"kind":"drop"}}"#, #"{"action":\#(action)}"#,
                    #"{"action":{"kind":"\#(kind)",\#(number)}}"#,
                    #"{"action":{"kind":"onReady","push":[{"burst":{\#(number)}},{"close":{\#(number)}}]}}"#,
                    #"{"action":{"kind":"onReady","push":{"\#(key)":\#(value)}}}"#,
                ] {
                    let stage = Stage()
                    let token = await stage.token("A")
                    let armed = await stage.service.respond(
                        to: SimulatedRequest(method: "POST", target: "/_sim/faults", body: Array(fault.utf8)))
                    guard case .answer(let answer) = armed else { continue }
                    #expect([200, 400].contains(answer.status), "\(fault)")
                    _ = await stage.reply("GET", "/api/v1/devices/accounts/me", token)
                }
            }
        }
    }
}
