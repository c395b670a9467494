import ArgumentParser
import PartyCore

struct API: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Send an authenticated request and print the response body.",
        discussion: """
            PATH starts with / and is sent to the mobile host. A full URL may name any host of the service, but no other host, \
            because the request carries your access token. The body is printed unchanged; on a terminal, control characters \
            are shown as escapes.
            """)

    static let examples = [
        Example(
            "print an answer of the service", "psparty api GET /api/sessionManager/v2/users/me/partySessionsInvitations"
        ),
        Example("show a request without sending it", "psparty api POST /api/example --data - --dry-run < body.json"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "standard input is not JSON"
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The HTTP method.")
    var method: HTTPMethod

    @Argument(help: "A path like /api/…, or a full URL of the service.")
    var path: String

    @Option(help: ArgumentHelp("Read a JSON body from standard input.", valueName: "-"))
    var data: StandardInput?

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("Add a header, like 'Name: value'; repeatable.", valueName: "header"))
    var header: [HeaderArgument] = []

    func validate() throws {
        guard data?.isDash != false else { throw ValidationError("--data accepts only -, for standard input") }
        for (index, header) in header.enumerated() {
            if let problem = header.problem(at: index + 1) { throw ValidationError(problem) }
        }
    }

    func execute(in context: CommandContext) async throws(PartyError) {
        let body = data == nil ? nil : try await context.console.readAll()
        if let body, !JSONText.isValid(body) {
            throw PartyError(
                .badData, "standard input is not valid JSON", step: "input", hint: "api sends only JSON bodies")
        }
        let answer = try await context.client.send(
            method.method, to: path, headers: header.map { HeaderField($0.name, $0.value) }, body: body)
        guard !context.hasPrintedDryRun.isSet else { return }
        let effect = method.method == .get ? nil : "the request was sent"
        try context.console.show(context.console.shown(answer), effect: effect)
    }
}

/// An HTTP method, in upper or lower case.
struct HTTPMethod: ExpressibleByArgument, Sendable {
    let method: RESTRequest.Method

    init?(argument: String) {
        guard let method = RESTRequest.Method(rawValue: argument.uppercased()) else { return nil }
        self.method = method
    }

    static var allValueStrings: [String] { RESTRequest.Method.allCases.map(\.rawValue) }
}

/// A header from the command line. It accepts any text: the parser would repeat a text that it rejects, which may hold a secret.
struct HeaderArgument: ExpressibleByArgument, Sendable {
    let name: String
    let value: String
    private let hasColon: Bool

    init(argument: String) {
        let colon = argument.firstIndex(of: ":")
        hasColon = colon != nil
        name = String(argument[..<(colon ?? argument.startIndex)])
        value = colon.map { String(argument[argument.index(after: $0)...].drop { $0 == " " }) } ?? ""
    }

    /// Why the header cannot be sent; `nil` if it can. Never contains the value, nor a text that may not be a name.
    /// - Parameter position: of the header among the options, from 1.
    func problem(at position: Int) -> String? {
        guard hasColon else { return "header \(position) has no colon; write it like 'Name: value'" }
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "header \(position) has no valid name before its colon; write it like 'Name: value'"
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return "the value of the header \(name) contains a control character"
        }
        guard !["authorization", "host", "content-length"].contains(name.lowercased()) else {
            return "the header \(name) is set by psparty"
        }
        return nil
    }
}
