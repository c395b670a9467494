import PartyCore

/// The result of a command, able to show itself to people and to programs.
protocol Report: Sendable {
    /// What people read; whole lines.
    func text(_ style: Style) -> String
    /// The keys of the contract, all of them, `null` where unknown.
    func write(to json: inout JSONWriter)
    /// What went wrong although there is a result: told after it, and in the exit status.
    var failure: PartyError? { get }
    /// What the command has changed, as a clause: named on standard error where the result cannot be printed.
    var deed: String? { get }
}

extension Report {
    var failure: PartyError? { nil }
    var deed: String? { nil }

    /// One JSON document on one line.
    func json() -> String {
        String(decoding: JSONWriter.text(write), as: UTF8.self) + "\n"
    }
}

extension Console {
    /// Writes the result of a command in the form that was asked for.
    func show(_ report: some Report, isJSON: Bool, _ style: Style) throws(PartyError) {
        try show(
            isJSON ? shown(Array(report.json().utf8)) : Array(report.text(style).utf8), deed: report.deed)
    }
}

/// A result of one line and a few fields.
struct Document: Report {
    let text: String
    let deed: String?
    let fields: @Sendable (inout JSONWriter) -> Void

    /// - Parameter text: one line for people, or nothing.
    init(_ text: String?, deed: String? = nil, _ fields: @escaping @Sendable (inout JSONWriter) -> Void) {
        self.text = text.map { $0.displayed + "\n" } ?? ""
        self.deed = deed
        self.fields = fields
    }

    func text(_ style: Style) -> String { text }

    func write(to json: inout JSONWriter) {
        json.object { json in fields(&json) }
    }
}

extension PartyError {
    /// The error of a command that has changed something before it failed: what it changed must not go untold.
    func naming(_ deed: String?) -> PartyError {
        guard let deed else { return self }
        var error = self
        error.message += "; \(deed)"
        return error
    }
}

extension Console {
    /// Writes the result of a command. Where that cannot be done, standard error names what the command has changed.
    func show(_ bytes: [UInt8], deed: String?) throws(PartyError) {
        do throws(WriteError) {
            try output(bytes)
        } catch {
            if let failure = PartyError(error) { throw failure.naming(deed) }
            if let deed { complain("psparty: the reader of the result has left; \(deed.displayed)\n") }
        }
    }
}
