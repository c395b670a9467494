import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// Invalid responses, through the whole client.
struct BrokenAnswerTests {
    private static func client(_ answer: SimulatedResponse, at path: String) async throws -> (PartyClient, TestWorld) {
        let world = TestWorld(clock: ManualClock(isInstant: true))
        let client = try await world.signedIn(0)
        await world.service.add(Fault(match: .init(path: path, times: nil), action: .status(answer)))
        await world.service.clearRequests()
        return (client, world)
    }

    private static func failure(
        _ answer: SimulatedResponse, at path: String = "parties/bulkGet"
    ) async throws -> PartyError? {
        let (client, _) = try await client(answer, at: path)
        return await #expect(throws: PartyError.self) { _ = try await client.parties() }
    }

    private static let rubbish: [String] = [
        "", " ", "<html></html>", "{", "[]", "null", "{\"parties\":", "{\"parties\":5}", "{\"parties\":{}}",
        String(repeating: "[", count: 5000), "{\"parties\":[{}]}", "{\"parties\":[{\"sessionId\":\"\"}]}", "\u{0}",
        "{\"parties\":null}",
    ]

    @Test(arguments: rubbish)
    func `a 200 with another document is a protocol violation`(_ body: String) async throws {
        let error = try await Self.failure(SimulatedResponse(status: 200, body: Array(body.utf8)))
        #expect(error?.kind == .protocolViolation)
    }

    @Test func `a 200 that is not UTF-8 is a protocol violation`() async throws {
        let body = Array("{\"parties\":[{\"sessionId\":\"".utf8) + [0xFF, 0xC0] + Array("\"}]}".utf8)
        #expect(try await Self.failure(SimulatedResponse(status: 200, body: body))?.kind == .protocolViolation)
    }

    @Test(
        arguments: [
            (#"{"error":{"code":2281486,"message":"Not permitted"}}"#, .forbidden),
            (#"{"error":{"code":"2285581","message":"Resource not found"}}"#, .notFound),
            (#"{"error":{"code":2286592,"message":"Request is rejected"}}"#, .forbidden),
            (#"{"error":{"code":2281473,"message":"Bad Request"}}"#, .refused),
            (#"{"parties":[],"error":{"message":"busy","status":503}}"#, .unreachable),
            (#"{"error":{"message":"slow down"},"statusCode":429}"#, .rateLimited),
            (#"{"error":"invalid_token","error_description":"expired"}"#, .signIn),
            (#"{"error":"temporarily_unavailable"}"#, .unreachable), (#"{"error":"whatever"}"#, .refused),
        ] as [(String, PartyError.Kind)])
    func `a 200 with an error document is that error`(_ body: String, _ kind: PartyError.Kind) async throws {
        let error = try await Self.failure(SimulatedResponse(status: 200, body: Array(body.utf8)))
        #expect(error?.kind == kind)
        #expect(error?.status == 200)
        #expect(error?.mayHaveActed == false)
    }

    @Test(arguments: [#"{"parties":[],"error":null}"#, #"{"parties":[],"error":""}"#, #"{"parties":[],"error":{}}"#])
    func `an empty error object is no error`(_ body: String) async throws {
        let answer = SimulatedResponse(status: 200, body: Array(body.utf8))
        let (client, _) = try await Self.client(answer, at: "parties/bulkGet")
        #expect(try await client.parties().isEmpty)
    }

    @Test func `a response may begin with a byte order mark`() async throws {
        let answer = SimulatedResponse(status: 200, body: [0xEF, 0xBB, 0xBF] + Array(#"{"parties":[]}"#.utf8))
        let (client, _) = try await Self.client(answer, at: "parties/bulkGet")
        #expect(try await client.parties().isEmpty)
    }

    private static let page = Array("\n<HTML><TITLE>Access Denied</TITLE></HTML>".utf8)

    @Test(arguments: [400, 403, 404, 405, 409, 451])
    func `an error page of a CDN is no decision of the service`(_ status: Int) async throws {
        let pages = [
            SimulatedResponse(status: status, body: Self.page),
            SimulatedResponse(status: status, headers: [("Content-Type", "text/html; charset=utf-8")]),
            SimulatedResponse(status: status, headers: [("Server", "AkamaiGHost")]),
            SimulatedResponse(status: status, headers: [("X-Cache", "Error from cloudfront")]),
        ]
        for page in pages {
            let (client, world) = try await Self.client(page, at: "parties/bulkGet")
            let error = await #expect(throws: PartyError.self) { _ = try await client.parties() }
            #expect(error?.kind == .protocolViolation)
            #expect(error?.status == status)
            #expect(error?.message.contains("<") == false)
            #expect(error?.hint?.contains("another network") == true)
            #expect(await world.service.requests().count == 1)
        }
    }

    @Test(
        arguments: [(401, .signIn), (429, .rateLimited), (502, .unreachable)] as [(Int, PartyError.Kind)])
    func `statuses that a CDN may decide keep their meaning`(_ status: Int, _ kind: PartyError.Kind) {
        #expect(PartyError(RESTResponse(status: status, body: Self.page), step: "x").kind == kind)
    }

    @Test func `a CDN's 404 to a leave does not make us forget the party`() async throws {
        let (client, world) = try await Self.client(SimulatedResponse(status: 404, body: Self.page), at: "members/me")
        let id = try await client.create(NewParty())
        await #expect(throws: PartyError.self) { _ = try await client.leave(id) }
        #expect(try client.currentParty() == id)
        #expect(await world.service.requests().contains { $0.method == "DELETE" })
    }

    @Test(arguments: RetryAfterRefusal.Form.allCases, [true, false])
    func `a short wait is waited, a long one ends the request with that reason`(
        _ form: RetryAfterRefusal.Form, _ hasDate: Bool
    ) async throws {
        let world = TestWorld(clock: ManualClock(isInstant: true))
        let client = try await world.signedIn(0)
        let short = RetryAfterRefusal(status: 503, seconds: 7, form: form, hasDate: hasDate)
        await world.service.add(Fault(match: .init(path: "bulkGet"), action: .retryAfter(short)))
        await world.service.clearRequests()
        _ = try await client.parties()
        let times = await world.service.requests().map(\.receivedAt)
        #expect(times.count == 2)
        #expect((7000...8000).contains((times.last ?? 0) - (times.first ?? 0)))
        for (status, kind) in [(503, .unreachable), (429, .rateLimited)] as [(Int, PartyError.Kind)] {
            let long = RetryAfterRefusal(status: status, seconds: 7200, form: form, hasDate: hasDate)
            await world.service.add(Fault(match: .init(path: "bulkGet"), action: .retryAfter(long)))
            await world.service.clearRequests()
            let error = await #expect(throws: PartyError.self) { _ = try await client.parties() }
            #expect(error?.kind == kind)
            #expect(error?.message.contains("the service asks to wait 720") == true)
            #expect(error?.hint?.hasPrefix("try again in 720") == true)
            #expect(await world.service.requests().count == 1)
        }
    }
}
