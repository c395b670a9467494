import PartyCore

/// The result of a command, as text and as JSON.
protocol Report: Sendable {
    /// The text form; complete lines.
    func text(_ style: Style) -> String
    /// Writes all documented keys; unknown values are `null`.
    func write(to json: inout JSONWriter)
    /// A failure besides the result. It is printed after the result and decides the exit status.
    var failure: PartyError? { get }
    /// What the command changed, as a clause. Printed on standard error if the result cannot be printed.
    var effect: String? { get }
    /// What a list without items means. Printed on standard error if a terminal would show nothing.
    var emptyWords: String? { get }
}

extension Report {
    var emptyWords: String? { nil }
    var failure: PartyError? { nil }
    var effect: String? { nil }

    /// One JSON document on one line.
    func json() -> String {
        String(decoding: JSONWriter.text(write), as: UTF8.self) + "\n"
    }
}

extension Console {
    /// Writes the result of a command as text or JSON.
    func show(_ report: some Report, isJSON: Bool, _ style: Style) throws(PartyError) {
        try show(
            isJSON ? shown(Array(report.json().utf8)) : Array(report.text(style).utf8), effect: report.effect)
    }
}

/// A result of one text line and a few JSON fields.
struct Document: Report {
    let text: String
    let effect: String?
    let fields: @Sendable (inout JSONWriter) -> Void

    /// - Parameter text: the text line; `nil` for no output.
    init(_ text: String?, effect: String? = nil, _ fields: @escaping @Sendable (inout JSONWriter) -> Void) {
        self.text = text.map { $0.displayed + "\n" } ?? ""
        self.effect = effect
        self.fields = fields
    }

    func text(_ style: Style) -> String { text }

    func write(to json: inout JSONWriter) {
        json.object { json in fields(&json) }
    }
}

extension PartyError {
    /// Adds what the command changed before it failed.
    func naming(_ effect: String?) -> PartyError {
        guard let effect else { return self }
        var error = self
        error.message += "; \(effect)"
        return error
    }
}

extension Console {
    /// Writes the result of a command. If that fails, standard error names what the command changed.
    func show(_ bytes: [UInt8], effect: String?) throws(PartyError) {
        do throws(WriteError) {
            try output(bytes)
        } catch {
            if let failure = PartyError(error) { throw failure.naming(effect) }
            if let effect { errorOutput("psparty: the reader of standard output has closed it; \(effect.displayed)\n") }
        }
    }
}
