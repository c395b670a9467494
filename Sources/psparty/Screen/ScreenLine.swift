/// One line of a screen: pieces of text, each with its meaning.
struct ScreenLine: Sendable, Equatable {
    private struct Piece: Sendable, Equatable {
        let text: String
        let meaning: Style.Meaning?
    }

    private var pieces: [Piece] = []

    init() {}

    init(_ text: String, _ meaning: Style.Meaning? = nil) {
        add(text, meaning)
    }

    /// The width in columns.
    var columns: Int { pieces.reduce(0) { $0 + $1.text.columns } }

    /// Adds text and escapes what could act on the terminal.
    mutating func add(_ text: String, _ meaning: Style.Meaning? = nil) {
        guard !text.isEmpty else { return }
        pieces.append(Piece(text: text.displayed, meaning: meaning))
    }

    /// Adds text, padded or truncated to exactly this many columns.
    mutating func add(_ text: String, columns: Int, _ meaning: Style.Meaning? = nil) {
        add(text.displayed.cut(toColumns: columns), meaning)
        add(String(repeating: " ", count: max(0, columns - text.displayed.cut(toColumns: columns).columns)))
    }

    /// The line for a terminal of this width.
    func text(_ style: Style, columns: Int) -> String {
        var (text, room) = ("", columns)
        for piece in pieces where room > 0 {
            let shown = piece.text.cut(toColumns: room)
            text += piece.meaning.map { style.mark(shown, $0) } ?? shown
            room -= shown.columns
            if shown != piece.text { break }
        }
        return text
    }
}
