/// The size of a terminal.
struct TerminalSize: Sendable, Equatable {
    var rows: Int
    var columns: Int

    /// The size to assume if the terminal does not report one.
    static let usual = TerminalSize(rows: 24, columns: 80)
}

/// Computes the output that makes a terminal show the given lines. Only lines that changed are written.
struct ScreenPainter: Sendable {
    /// Switches to the alternate screen, hides the cursor and turns off line wrapping, because a character wider than
    /// expected must not move the next line (XTerm Control Sequences, DEC private modes 1049, 25 and 7).
    static let opening = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[H\u{1B}[2J"
    static let closing = "\u{1B}[?7h\u{1B}[?25h\u{1B}[0m\u{1B}[?1049l"

    private var shown: [String] = []
    private var size: TerminalSize?

    /// Forces a full redraw: the content of the terminal is unknown.
    mutating func forget() {
        size = nil
    }

    /// - Returns: an empty string if the terminal already shows the lines.
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
            // Erase before writing: after a full line the cursor is on its last character.
            text += "\u{1B}[\(row + 1);1H\u{1B}[2K\(line)"
        }
        shown = lines
        return text
    }
}
