/// Rows of text: aligned under a header on a terminal, separated by tabs without one in a pipe.
struct Table {
    let header: [String]
    var rows: [[String]]

    func text(_ style: Style) -> String {
        let shown = rows.map { $0.map(\.displayed) }
        guard style.isTerminal else {
            return shown.map { $0.joined(separator: "\t") + "\n" }.joined()
        }
        let widths = header.indices.map { column in
            ([header] + shown).map { $0[column].count }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            var padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            if let last = cells.last { padded[padded.count - 1] = last }
            return padded.joined(separator: "  ")
        }
        return style.mark(line(header), .strong) + "\n" + shown.map { line($0) + "\n" }.joined()
    }
}
