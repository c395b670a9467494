import Testing

@testable import PartyCore

/// The message of a refusal: our sentence by step, status and code, then the service's message.
struct ServiceRefusalTests {
    private func error(_ step: String, _ status: Int, code: Int64? = nil, _ words: String? = "words") -> PartyError {
        let code = code.map { #","code":\#($0)"# } ?? ""
        let message = words.map { #","message":"\#($0)""# } ?? ""
        let body = #"{"error":{"referenceId":"r"\#(code)\#(message)}}"#
        return PartyError(RESTResponse(status: status, body: Array(body.utf8)), step: step)
    }

    @Test(arguments: [
        ("join", 409, "join refused: the party is full [words]"),
        ("join", 403, "join refused: the party is not open to you: it is invite only, or takes only friends [words]"),
        ("look-up", 404, "look-up failed: no such party [words]"),
        ("link look-up", 404, "link look-up failed: no party has this link [words]"),
        ("user look-up", 404, "user look-up failed: no such user [words]"),
        ("edit", 403, "edit refused: only a member of the party may do that [words]"),
        ("bridge", 409, "bridge refused: the party has a voice bridge already, or one of yours is left over [words]"),
        ("signal", 400, "signal refused: the signal is not valid [words]"),
        ("sign-in", 401, "sign-in refused: the service does not know this OAuth client [words]"),
        ("list", 401, "list refused: the sign-in is not valid [words]"),
        ("create", 400, "create refused: the service does not accept the request [words]"),
        ("GET request", 404, "GET request failed: the service has no such thing [words]"),
        ("create", 503, "create failed: the service has a fault [words]"),
    ])
    func `each refusal has our sentence, followed by the service's message`(
        step: String, status: Int, message: String
    ) {
        #expect(error(step, status).message == message)
        #expect(error(step, status, nil).message == String(message.dropLast(8)))
    }

    @Test(arguments: [2_286_592, 0x22F400])
    func `the class of the code distinguishes a user's settings from missing rights`(
        code: Int64
    ) {
        let refused = "invite refused: "
        #expect(error("invite", 403, code: code).message == refused + "the user's settings do not allow it [words]")
        #expect(
            error("invite", 403, code: 0x22F00E).message == refused + "only a member of the party may do that [words]")
    }

    @Test func `a more specific sentence replaces ours, not the service's message`() {
        let explained = error("look-up", 404).explained("no such party: x")
        #expect(explained.message == "look-up failed: no such party: x [words]")
        #expect(explained.status == 404 && explained.requestID == "r")
        let network = PartyError(TransportError(.unreachable, .connecting, "no route"), step: "look-up")
        #expect(network.explained("no such party: x") == network)
    }
}
