import Testing

@testable import PartyCore

@Suite struct RedactionTests {
    @Test(arguments: [
        "access_token", "accessToken", "REFRESH_TOKEN", "bridgeToken", "X-PSN-BRIDGE-TOKEN", "Set-Cookie", "npsso",
        "client_secret", "Authorization", "duid", "deviceUniqueId", "ice-pwd", "sdp", "payload", "user_device_ip",
    ])
    func `a name is secret in every spelling`(name: String) {
        #expect(Redaction.isSecret(name))
    }

    @Test(arguments: [
        "token_type", "refresh_token_expires_in", "accountId", "sessionId", "status", "scope", "bridgeId",
    ])
    func `the data needed to understand a log stays`(name: String) {
        #expect(!Redaction.isSecret(name))
    }

    @Test func `an address keeps its names and loses its secrets`() {
        #expect(
            Redaction.url("app://redirect/?code=v3.AbCdEf&cid=12345678&scope=a%20b#id_token=x&z=1")
                == "app://redirect/?code=<redacted>&cid=<redacted>&scope=a%20b#id_token=<redacted>&z=1")
        #expect(Redaction.url("https://192.0.2.1/a?b") == "https://192.0.2.1/a?b")
    }

    @Test func `a body keeps its form, and numbers of errors`() {
        let body =
            #"{"code":2281473,"a":[{"bridgeToken":"t"},{"id":1}],"auth":{"accessToken":"t"},"token":"","n":null}"#
        #expect(
            Redaction.body(Array(body.utf8))
                == #"{"code":2281473,"a":[{"bridgeToken":"<redacted>"},{"id":1}],"auth":{"accessToken":"<redacted>"},"#
                + #""token":"","n":null}"#)
        #expect(
            Redaction.body(Array(#"{"code":"v","token":7,"pwd":[1],"x":"{\"sdp\":\"v\"}"}"#.utf8))
                == #"{"code":"<redacted>","token":"<redacted>","pwd":"<redacted>","x":"{\"sdp\":\"<redacted>\"}"}"#)
    }

    @Test func `a body that is not JSON, too large or fully secret is shown as its size`() {
        #expect(Redaction.body(Array("npsso=x".utf8)) == "<7 bytes, not JSON>")
        let large = [UInt8](repeating: 0x20, count: 300_000)
        #expect(Redaction.body(large) == "<300000 bytes>")
        let form = RESTRequest.Body(Array("code=x".utf8), contentType: "text/plain", isSecret: true)
        #expect(Redaction.body(form) == "<redacted, 6 bytes>")
        let long = Array(#"{"a":"\#(String(repeating: "x", count: 5000))"}"#.utf8)
        #expect(Redaction.body(long).hasSuffix("… <5008 bytes>"))
        #expect(Redaction.body(long).utf8.count < 4200)
    }

    @Test func `secrets without a telling name are recognized by their form`() {
        let token = ["eyJ" + String(repeating: "a", count: 12), "eyJb", "c-_"].joined(separator: ".")
        #expect(Redaction.scrubbed("no: \(token)!") == "no: <redacted>!")
        #expect(Redaction.scrubbed("code v3.AbCdEf gone") == "code <redacted> gone")
        #expect(Redaction.scrubbed("v=0\r\na=ice-pwd:x") == "<redacted>")
        #expect(Redaction.scrubbed("duid 0000000700410080" + String(repeating: "0f", count: 16)) == "duid <redacted>")
        let id = "11111111-2222-4333-8444-555555555555 1000000000000000001 version v3.0"
        #expect(Redaction.scrubbed(id) == id)
    }

    @Test func `a refusal repeats no secret of the request, in any spelling`() async throws {
        let basic = "Basic aWQ6b3BlbitzZXNhbWU="  // id:open+sesame
        let request = RESTRequest(
            .post, "https://192.0.2.1/x?duid=device/1",
            headers: [HeaderField("Authorization", secret: Redacted(basic))],
            body: .init(Array(#"{"bridgeToken":"bridge-1"}"#.utf8), contentType: "application/json"))
        let words = #"{"error":"open+sesame open%2Bsesame aWQ6b3BlbitzZXNhbWU= device\/1 device%2F1 bridge-1 well"}"#
        let answer = RESTResponse(
            status: 400, headers: [HeaderField("X-Psn-Request-Id", basic)], body: Array(words.utf8))
        let seen = try await EchoGuard(Answering(answer: answer)).send(request)
        let text = String(decoding: seen.body, as: UTF8.self)
        #expect(text == #"{"error":"\#(String(repeating: "<redacted> ", count: 6))well"}"#)
        #expect(seen.header("x-psn-request-id")?.contains("aWQ6") == false)
    }

    @Test func `a successful response is unchanged`() async throws {
        let answer = RESTResponse(status: 200, body: Array("Bearer 1234567890".utf8))
        let request = RESTRequest(
            .get, "https://192.0.2.1/", headers: [HeaderField("Authorization", secret: Redacted("Bearer 1234567890"))])
        #expect(try await EchoGuard(Answering(answer: answer)).send(request) == answer)
    }
}

private struct Answering: Transport {
    let answer: RESTResponse

    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse { answer }

    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        throw TransportError(.refused(answer), .exchange, "refused")
    }
}
