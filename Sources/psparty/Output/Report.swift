import PartyCore

/// The result of a command, able to show itself to people and to programs.
protocol Report: Sendable {
    /// What people read; whole lines.
    func text(_ style: Style) -> String
    /// The keys of the contract, all of them, `null` where unknown.
    func write(to json: inout JSONWriter)
}

extension Report {
    /// One JSON document on one line.
    func json() -> String {
        String(decoding: JSONWriter.text(write), as: UTF8.self) + "\n"
    }
}

/// What one run says to the terminal beside the result of the command is up to `Console`; this is only text.
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
