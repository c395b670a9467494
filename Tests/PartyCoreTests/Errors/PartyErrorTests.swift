import PartyCore
import Testing

struct PartyErrorTests {
    @Test(
        arguments: [
            (400, .refused), (401, .signIn), (402, .refused), (403, .forbidden), (404, .notFound), (405, .refused),
            (409, .conflict), (418, .refused), (429, .rateLimited), (499, .refused), (500, .unreachable),
            (503, .unreachable),
            (599, .unreachable), (100, .protocolViolation), (302, .protocolViolation), (600, .protocolViolation),
            (0, .protocolViolation),
        ] as [(Int, PartyError.Kind)])
    func `each status has its kind`(_ status: Int, _ kind: PartyError.Kind) {
        #expect(PartyError.kind(ofStatus: status) == kind)
        #expect(PartyError(RESTResponse(status: status), step: "join").kind == kind)
    }

    @Test(
        arguments: [
            (.unresolved, .unreachable), (.unreachable, .unreachable), (.refusedByProxy, .unreachable),
            (.timedOut, .unreachable),
            (.brokenOff, .unreachable),
            (.tls, .tls), (.malformed, .protocolViolation), (.insecure, .configuration), (.unusable, .configuration),
            (.cancelled, .cancelled), (.refused(RESTResponse(status: 403)), .forbidden),
            (.refused(RESTResponse(status: 401)), .signIn), (.refused(RESTResponse(status: 200)), .protocolViolation),
        ] as [(TransportError.Kind, PartyError.Kind)])
    func `each failure of the network has its kind`(_ cause: TransportError.Kind, _ kind: PartyError.Kind) {
        let error = PartyError(TransportError(cause, .connecting, "no route"), step: "push")
        #expect(error.kind == kind)
        #expect(error.message == "push failed: no route")
        #expect(error.step == (cause == .tls ? "TLS" : "push"))
    }

    @Test func `an untrusted server has a remedy`() {
        let error = PartyError(TransportError(.tls, .handshake, "x"), step: "list")
        #expect(error.hint == nil && error.remedy == .trustServer)
        #expect(PartyError(TransportError(.unreachable, .connecting, "x"), step: "list").remedy == nil)
    }

    @Test func `an untrusted proxy has its own remedy`() {
        let error = PartyError(TransportError(.tls, .handshake, "x", isOfProxy: true), step: "list")
        #expect(error.step == "proxy")
        #expect(error.hint == nil && error.remedy == .trustProxy)
    }

    @Test(arguments: [
        "SSL certificate problem: certificate is not yet valid", "certificate has expired",
    ])
    func `a certificate refused for its dates has the hint to check the clock`(words: String) {
        let error = PartyError(TransportError(.tls, .handshake, words), step: "list")
        let hint =
            "check the date and time of this machine; "
            + "if they are right, the server's certificate has wrong dates"
        #expect(error.hint == hint)
        #expect(PartyError(TransportError(.unreachable, .connecting, words), step: "list").hint == nil)
    }

    @Test func `a missing issuer is the remedy's value`() {
        let missing = MissingIssuer(name: "CN = x", addresses: ["http://a.example/x", "http://b.example/x"], key: "0")
        let error = PartyError(TransportError(.tls, .handshake, "x", missingIssuer: missing), step: "list")
        #expect(error.kind == .tls)
        #expect(error.hint == nil && error.remedy == .trustIssuer(missing))
    }

    @Test func `a libcurl with another TLS library is an error of its own`() {
        let error = PartyError(TransportError(.tls, .connecting, "libcurl is built with x"), step: "list")
        #expect(error.kind == .tls)
        #expect(error.hint == "install the libcurl that is built with OpenSSL (libcurl4 in Debian)")
    }

    @Test func `a refused upgrade keeps status and request id`() {
        let response = RESTResponse(status: 403, headers: [HeaderField("x-psn-request-id", "r1")])
        let error = PartyError(TransportError(.refused(response), .handshake, "x"), step: "push")
        #expect(error.status == 403)
        #expect(error.requestID == "r1")
    }

    @Test func `a refusal has the service's message, its id and a remedy`() {
        let body = #"{"error":{"referenceId":"ref-1","code":2281486,"message":"Not permitted by access control"}}"#
        let response = RESTResponse(
            status: 403, headers: [HeaderField("X-Psn-Request-Id", "r")], body: Array(body.utf8))
        let error = PartyError(response, step: "join")
        var expected = PartyError(
            .forbidden,
            "join refused: the party is not open to you: it is invite only, or takes only friends "
                + "[Not permitted by access control]", step: "join", status: 403, requestID: "ref-1",
            hint: "ask a member for an invitation")
        expected.serviceWords = "Not permitted by access control"
        #expect(error == expected)
        #expect(PartyError(RESTResponse(status: 401), step: "x").remedy == .signInAgain)
        #expect(PartyError(RESTResponse(status: 429), step: "x").hint == "wait before you try again")
        #expect(
            PartyError(RESTResponse(status: 400), step: "x").message
                == "x refused: the service does not accept the request")
    }

    @Test(arguments: [
        "X-Psn-Request-Id", "X-RequestId", "X-Psn-Correlation-Id", "X-CorrelationId", "X-Psn-Track-Id", "x-requestid",
    ])
    func `the request id is found under each of its names`(_ name: String) {
        let response = RESTResponse(status: 500, headers: [HeaderField("Date", "x"), HeaderField(name, "r")])
        #expect(PartyError(response, step: "x").requestID == "r")
    }

    @Test func `the most useful of several request ids is used`() {
        let headers = [HeaderField("X-Psn-Track-Id", "t"), HeaderField("X-RequestId", "r")]
        #expect(PartyError(RESTResponse(status: 500, headers: headers), step: "x").requestID == "r")
    }

    private static let faults: [(String, String?, String?, String?)] = [
        (#"{"error":{"referenceId":"r","code":1,"message":"m"}}"#, "m", "r", nil),
        (#"{"error":{"message":"m"}}"#, "m", nil, nil), (#"{"error":{}}"#, nil, nil, nil),
        (#"{"error":"invalid_grant","error_description":"d","error_code":20}"#, "d", nil, "invalid_grant"),
        (#"{"error":"invalid_grant"}"#, "invalid_grant", nil, "invalid_grant"),
        (#"{"error_description":"d"}"#, "d", nil, nil), (#"{"error":{"error":{"message":"m"}}}"#, nil, nil, nil),
        (#"{"error":5}"#, nil, nil, nil), (#"{"error":{"message":5,"referenceId":[]}}"#, nil, nil, nil),
        ("{}", nil, nil, nil),
        ("", nil, nil, nil), ("<html>busy</html>", nil, nil, nil), ("[]", nil, nil, nil), ("null", nil, nil, nil),
        ("{\"error\":\"\u{1}\"}", nil, nil, nil),
    ]

    @Test(arguments: faults)
    func `the service's message is found in each form`(
        _ body: String, _ message: String?, _ reference: String?, _ word: String?
    ) {
        let fault = ServiceFault(Array(body.utf8))
        #expect(fault.message == message)
        #expect(fault.referenceID == reference)
        #expect(fault.oauthError == word)
    }

    @Test func `a body that is not UTF-8 has no message`() {
        #expect(ServiceFault([0x7B, 0xFF, 0x7D]) == ServiceFault([]))
    }

    @Test(
        arguments: [
            (.unreadable, .storage), (.unwritable, .storage), (.unsafePermissions, .storage), (.busy, .storage),
            (.cancelled, .cancelled),
        ] as [(StoreError.Kind, PartyError.Kind)])
    func `a file error is storage, an ended wait is cancelled`(
        _ cause: StoreError.Kind, _ kind: PartyError.Kind
    ) {
        #expect(PartyError(StoreError(cause, "x is y")) == PartyError(kind, "x is y", step: "state"))
    }

    @Test func `an unreadable response names step and byte`() {
        let error = PartyError(CodecError("not UTF-8", at: 3), step: "list")
        let words = "list: the answer cannot be read: not UTF-8 (byte 3)"
        var expected = PartyError(.protocolViolation, words, step: "list")
        // There was a response, so the service has processed the request.
        expected.mayHaveActed = true
        #expect(error == expected)
    }
}
