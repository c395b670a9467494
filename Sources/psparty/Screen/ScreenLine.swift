/// One line of a screen: pieces of text, each with its meaning.
struct ScreenLine: Sendable, Equatable {
    private struct Piece: Sendable, Equatable {
        var text: String
        let meaning: Style.Meaning?
    }

    private var pieces: [Piece] = []

    init() {}

    init(_ text: String, _ meaning: Style.Meaning? = nil) {
        add(text, meaning)
    }

    /// The width in columns.
    var columns: Int { pieces.reduce(0) { $0 + $1.text.columns } }

    var isEmpty: Bool { pieces.isEmpty }

    /// Adds text and escapes what could act on the terminal.
    mutating func add(_ text: String, _ meaning: Style.Meaning? = nil) {
        guard !text.isEmpty else { return }
        pieces.append(Piece(text: text.displayed, meaning: meaning))
    }

    mutating func add(_ line: ScreenLine) {
        pieces += line.pieces
    }

    /// Adds spaces up to this width.
    mutating func pad(toColumns width: Int) {
        add(String(repeating: " ", count: max(0, width - columns)))
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

// MARK: - Wrapping

extension ScreenLine {
    private struct Cell {
        let character: Character
        let meaning: Style.Meaning?
        let columns: Int
    }

    /// The line broken at spaces into lines of this width. A word longer than a line is broken anywhere.
    /// - Parameter indent: the spaces before each line but the first.
    /// - Parameter limit: the maximum number of lines; `…` marks a cut.
    func wrapped(columns: Int, indent: Int = 0, atMost limit: Int = .max) -> [ScreenLine] {
        guard self.columns > columns, limit > 0 else { return limit > 0 ? [self] : [] }
        let indent = indent * 2 > columns ? 0 : indent
        var rest = cells[...]
        var lines: [ScreenLine] = []
        while !rest.isEmpty {
            let margin = lines.isEmpty ? 0 : indent
            let isLast = lines.count == limit - 1
            let end = isLast ? rest.endIndex : Self.lineEnd(rest, room: max(1, columns - margin))
            var line = ScreenLine(String(repeating: " ", count: margin))
            line.add(rest[..<end])
            lines.append(isLast ? line.cut(toColumns: columns) : line)
            rest = rest[end...].drop { $0.character == " " }
        }
        return lines
    }

    /// The line wrapped beside a head, which is alone in its columns.
    func wrapped(columns: Int, after head: ScreenLine, atMost limit: Int = .max) -> [ScreenLine] {
        guard head.columns * 2 <= columns else {
            var line = head
            line.add(self)
            return line.wrapped(columns: columns, atMost: limit)
        }
        return wrapped(columns: columns - head.columns, atMost: limit).enumerated().map { index, rest in
            var line = index == 0 ? head : ScreenLine()
            line.pad(toColumns: head.columns)
            line.add(rest)
            return line
        }
    }

    private var cells: [Cell] {
        pieces.flatMap { piece in
            piece.text.map { Cell(character: $0, meaning: piece.meaning, columns: $0.columns) }
        }
    }

    /// Where to break: after the last word that fits, else after the last character that fits.
    private static func lineEnd(_ cells: ArraySlice<Cell>, room: Int) -> Int {
        var (used, end) = (0, cells.startIndex)
        while end < cells.endIndex, used + cells[end].columns <= room {
            used += cells[end].columns
            end += 1
        }
        guard end < cells.endIndex else { return end }
        if cells[end].character == " " { return end }
        let space = cells[..<end].lastIndex { $0.character == " " }
        if let space, cells[cells.startIndex..<space].contains(where: { $0.character != " " }) { return space }
        // A character wider than the line still has to go somewhere.
        return max(end, cells.startIndex + 1)
    }

    private mutating func add(_ cells: ArraySlice<Cell>) {
        for cell in cells {
            if let last = pieces.indices.last, pieces[last].meaning == cell.meaning {
                pieces[last].text.append(cell.character)
            } else {
                pieces.append(Piece(text: String(cell.character), meaning: cell.meaning))
            }
        }
    }

    /// The line truncated to this width; `…` marks the cut.
    private func cut(toColumns width: Int) -> ScreenLine {
        var (line, room) = (ScreenLine(), width)
        for piece in pieces where room > 0 {
            let shown = piece.text.cut(toColumns: room)
            line.pieces.append(Piece(text: shown, meaning: piece.meaning))
            room -= shown.columns
            if shown != piece.text { break }
        }
        return line
    }
}
