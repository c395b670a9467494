/// Rows of text. On a terminal they are aligned under a header; in a pipe they are separated by tabs, without a header.
struct Table {
    let header: [String]
    var rows: [[String]]
    /// The column that is truncated if the terminal is too narrow. Ids are never truncated.
    var cuttable = "NAME"

    private static let gap = "  "
    /// The least width of a truncated column.
    private static let leastWidth = 8

    func text(_ style: Style) -> String {
        let shown = rows.map { $0.map(\.displayed) }
        guard style.isTerminal else {
            return shown.map { $0.joined(separator: "\t") + "\n" }.joined()
        }
        let widths = widths(of: shown, style.columns)
        func line(_ cells: [String]) -> String {
            var padded = zip(cells, widths).map { cell, width in
                cell.cut(toColumns: width).padded(toColumns: width)
            }
            if let last = cells.last { padded[padded.count - 1] = last }
            return padded.joined(separator: Self.gap)
        }
        return style.mark(line(header), .strong) + "\n" + shown.map { line($0) + "\n" }.joined()
    }

    private func widths(of shown: [[String]], _ available: Int?) -> [Int] {
        var widths = header.indices.map { column in
            ([header] + shown).map { $0[column].columns }.max() ?? 0
        }
        guard let available, let column = header.firstIndex(of: cuttable) else { return widths }
        let whole = widths.reduce(0, +) + Self.gap.count * (widths.count - 1)
        widths[column] = max(min(widths[column], Self.leastWidth), widths[column] - max(0, whole - available))
        return widths
    }
}
