/// Rows of text. The first column is an id or a name. On a terminal they are aligned under a header; in a pipe they are separated by tabs, without a header.
struct Table {
    let header: [String]
    var rows: [[String]]
    /// The column that is truncated if the terminal is too narrow. Ids are never truncated.
    var cuttable = "NAME"

    private static let gap = "  "
    /// The least width of a truncated column.
    private static let leastWidth = 8

    func text(_ style: Style) -> String {
        // A header alone says nothing.
        guard !rows.isEmpty else { return "" }
        let shown = rows.map { $0.map(\.displayed) }
        guard style.isTerminal else {
            return shown.map { $0.joined(separator: "\t") + "\n" }.joined()
        }
        let wanted = widths(of: shown, nil)
        if let columns = style.columns, Self.width(of: wanted) > columns, header.count > 2 {
            return text(shown, style, columns)
        }
        return text(shown, style, wanted, indent: "")
    }

    /// For a narrow terminal: the first column, which is an id, has a line of its own.
    private func text(_ shown: [[String]], _ style: Style, _ columns: Int) -> String {
        let rest = Table(header: Array(header.dropFirst()), rows: [], cuttable: cuttable)
        let others = shown.map { Array($0.dropFirst()) }
        let widths = rest.widths(of: others, columns - Self.gap.count)
        func lines(_ cells: [String]) -> [String] { [cells[0], rest.line(Array(cells.dropFirst()), widths, Self.gap)] }
        return lines(header).map { style.mark($0, .strong) + "\n" }.joined()
            + shown.flatMap(lines).map { $0 + "\n" }.joined()
    }

    private func text(_ shown: [[String]], _ style: Style, _ widths: [Int], indent: String) -> String {
        style.mark(line(header, widths, indent), .strong) + "\n"
            + shown.map { line($0, widths, indent) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int], _ indent: String) -> String {
        let padded = zip(cells, widths).map { cell, width in cell.cut(toColumns: width).padded(toColumns: width) }
        var line = indent + padded.joined(separator: Self.gap)
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func width(of widths: [Int]) -> Int {
        widths.reduce(0, +) + gap.count * (widths.count - 1)
    }

    private func widths(of shown: [[String]], _ available: Int?) -> [Int] {
        var widths = header.indices.map { column in
            ([header] + shown).map { $0[column].columns }.max() ?? 0
        }
        guard let available, let column = header.firstIndex(of: cuttable) else { return widths }
        let whole = Self.width(of: widths)
        widths[column] = max(min(widths[column], Self.leastWidth), widths[column] - max(0, whole - available))
        return widths
    }
}
