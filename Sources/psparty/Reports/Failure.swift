import PartyCore

/// A failure as users see it. This is the only place that maps errors to a code, a text and an exit status.
struct Failure {
    let code: String
    let status: ExitStatus
    private(set) var error: PartyError
    /// How the command is written, after wrong usage. Only the text form has it: the JSON has fixed keys.
    private var usage: [String] = []

    init(_ error: PartyError) {
        let (code, status) = Self.meaning(of: error.kind)
        self.init(code: code, status: status, error: error)
    }

    private init(code: String, status: ExitStatus, error: PartyError) {
        self.code = code
        self.status = status
        self.error = error
        // Input and service responses may be long, so the message is truncated.
        self.error.message = error.message.cut(to: 500)
    }

    /// A usage error.
    /// - Parameter usage: the lines that show how the command is written.
    static func usage(
        _ message: String, to command: [String] = [], usage: [String] = [], hint: String? = nil
    ) -> Failure {
        let error = PartyError(
            .usage, Redaction.scrubbed(message.dropPrefix("Error: ")).cut(to: 500).displayed, step: "usage",
            hint: hint ?? UsageHint.text(for: message, to: command))
        var failure = Failure(error)
        failure.usage = usage
        return failure
    }

    /// The codes of the errors that end with this status.
    static func codes(of status: ExitStatus) -> [String] {
        PartyError.Kind.allCases.map(meaning).filter { $0.1 == status }.map(\.0)
    }

    private static func meaning(of kind: PartyError.Kind) -> (String, ExitStatus) {
        switch kind {
        case .refused: ("refused", .failure)
        case .notFound: ("not_found", .notFound)
        case .signIn: ("sign_in", .signIn)
        case .forbidden: ("forbidden", .forbidden)
        case .conflict: ("conflict", .conflict)
        case .rateLimited: ("rate_limited", .conflict)
        case .unreachable: ("unreachable", .unreachable)
        case .tls: ("tls", .unreachable)
        case .protocolViolation: ("protocol", .unreachable)
        case .timeout: ("timeout", .timeout)
        case .badData: ("bad_data", .badData)
        case .usage: ("usage", .usage)
        case .storage: ("storage", .fault)
        case .configuration: ("config", .configuration)
        case .cancelled: ("cancelled", .interrupted)
        case .engineFailed: ("engine", .failure)
        case .internalFault: ("internal", .fault)
        }
    }

    /// Writes the error to standard error and returns the exit status. Writes nothing for a cancelled command.
    func show(isJSON: Bool, in console: Console) -> Int32 {
        if error.kind != .cancelled {
            let json = console.isErrorTerminal ? json.displayedJSON : json
            console.errorOutput(isJSON ? String(decoding: json, as: UTF8.self) : text)
        }
        return status.rawValue
    }

    var text: String {
        let facts = [error.status.map { "HTTP \($0)" }, error.requestID.map { "request \($0.displayed)" }]
            .compactMap { $0 }
        let line = "psparty: \(error.message.displayed)\(facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")\n"
        let usage = usage.enumerated().map { "\($0 == 0 ? "usage:" : "      ") \($1)\n" }.joined()
        // A hint of several steps has a line for each.
        let hints = error.hint?.split(separator: "\n").map { "hint: \(String($0).displayed)\n" } ?? []
        return line + usage + hints.joined()
    }

    var json: [UInt8] {
        JSONWriter.text { json in
            json.object { json in
                json.object("error") { json in
                    json.field("code", code)
                    json.field("message", error.message)
                    json.field("step", error.step)
                    json.field("status", error.status.map(Int64.init))
                    json.field("requestId", error.requestID)
                    json.field("hint", error.hint)
                }
            }
        } + [0x0A]
    }
}

extension String {
    fileprivate func dropPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}
