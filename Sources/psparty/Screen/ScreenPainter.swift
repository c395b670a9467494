/// How large a terminal is.
struct TerminalSize: Sendable, Equatable {
    var rows: Int
    var columns: Int

    /// Where the terminal does not say.
    static let usual = TerminalSize(rows: 24, columns: 80)
}

/// What to write to a terminal so that it shows the given lines, going by what it shows already.
struct ScreenPainter: Sendable {
    /// The other screen, without a cursor, and without the breaking of lines: a character that is wider than it seems must
    /// not push the next line down (XTerm Control Sequences, DEC private modes 1049, 25 and 7).
    static let opening = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[H\u{1B}[2J"
    static let closing = "\u{1B}[?7h\u{1B}[?25h\u{1B}[0m\u{1B}[?1049l"

    private var shown: [String] = []
    private var size: TerminalSize?

    /// Nothing is known any more of what the terminal shows.
    mutating func forget() {
        size = nil
    }

    /// - Returns: nothing where the terminal shows it all.
    mutating func paint(_ lines: [String], _ size: TerminalSize) -> String {
        var text = ""
        if self.size != size {
            text += "\u{1B}[2J"
            shown = []
        }
        self.size = size
        for row in 0..<max(shown.count, lines.count) {
            let line = row < lines.count ? lines[row] : ""
            guard line != (row < shown.count ? shown[row] : "") else { continue }
            // Erased before, not after: behind a full line the cursor stands on its last character.
            text += "\u{1B}[\(row + 1);1H\u{1B}[2K\(line)"
        }
        shown = lines
        return text
    }
}
