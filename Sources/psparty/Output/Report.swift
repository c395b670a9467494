import PartyCore

/// The result of a command, able to show itself to people and to programs.
protocol Report: Sendable {
    /// What people read; whole lines.
    func text(_ style: Style) -> String
    /// The keys of the contract, all of them, `null` where unknown.
    func write(to json: inout JSONWriter)
    /// What went wrong although there is a result: told after it, and in the exit status.
    var failure: PartyError? { get }
}

extension Report {
    var failure: PartyError? { nil }

    /// One JSON document on one line.
    func json() -> String {
        String(decoding: JSONWriter.text(write), as: UTF8.self) + "\n"
    }
}

extension Console {
    /// Writes the result of a command in the form that was asked for.
    func show(_ report: some Report, isJSON: Bool, _ style: Style) throws(PartyError) {
        try show(isJSON ? shown(Array(report.json().utf8)) : Array(report.text(style).utf8))
    }
}

/// A result of one line and a few fields.
struct Document: Report {
    let text: String
    let fields: @Sendable (inout JSONWriter) -> Void

    /// - Parameter text: one line for people, or nothing.
    init(_ text: String?, _ fields: @escaping @Sendable (inout JSONWriter) -> Void) {
        self.text = text.map { $0.displayed + "\n" } ?? ""
        self.fields = fields
    }

    func text(_ style: Style) -> String { text }

    func write(to json: inout JSONWriter) {
        json.object { json in fields(&json) }
    }
}
