/// A terminal in memory: it interprets the output of a program like a real one.
package struct VirtualScreen: Sendable {
    /// The rows of the active screen, without trailing blanks.
    package var lines: [String] {
        let rows = isAlternate ? alternate : normal
        return rows.map { row in
            var text = String(row)
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    /// Whether the alternate screen is active.
    package private(set) var isAlternate = false
    package private(set) var isCursorVisible = true
    package private(set) var breaksLines = true
    /// Unknown control sequences: an error of the program or of this type.
    package private(set) var unknown: [String] = []

    private var rows: Int
    private var columns: Int
    private var normal: [[Character]]
    private var alternate: [[Character]]
    private var row = 0
    private var column = 0
    private var rest: [UInt8] = []

    package init(rows: Int = 24, columns: Int = 80) {
        self.rows = rows
        self.columns = columns
        normal = Array(repeating: Array(repeating: " ", count: columns), count: rows)
        alternate = normal
    }

    /// Changes the size; text outside of it is lost.
    package mutating func resize(rows: Int, columns: Int) {
        func fitted(_ grid: [[Character]]) -> [[Character]] {
            (0..<rows).map { row in
                (0..<columns).map { row < grid.count && $0 < grid[row].count ? grid[row][$0] : " " }
            }
        }
        (normal, alternate) = (fitted(normal), fitted(alternate))
        (self.rows, self.columns) = (rows, columns)
        (row, column) = (min(row, rows - 1), min(column, columns - 1))
    }

    /// Takes output; an incomplete sequence or character continues with the next call.
    package mutating func write(_ bytes: [UInt8]) {
        let text = String(decoding: rest + bytes, as: UTF8.self)
        rest = []
        var characters = text.unicodeScalars.split(separator: "\u{1B}", omittingEmptySubsequences: false)[...]
        print(String(characters.removeFirst()))
        for (index, part) in characters.enumerated() {
            guard part.first == "[", let end = part.dropFirst().firstIndex(where: { ("@"..."~").contains($0) }) else {
                if index == characters.count - 1 { rest = [0x1B] + Array(String(part).utf8) }
                continue
            }
            obey(String(part[part.index(after: part.startIndex)..<end]), part[end])
            print(String(part[part.index(after: end)...]))
        }
    }

    private mutating func print(_ text: String) {
        for character in text {
            if character == "\n" || character == "\r\n" {
                (row, column) = (min(row + 1, rows - 1), 0)
            } else if character == "\r" {
                column = 0
            } else {
                put(character)
            }
        }
    }

    private mutating func put(_ character: Character) {
        if column >= columns {
            // Without line wrap the last column is overwritten.
            if breaksLines { (row, column) = (min(row + 1, rows - 1), 0) } else { column = columns - 1 }
        }
        if isAlternate { alternate[row][column] = character } else { normal[row][column] = character }
        column += 1
    }

    private mutating func obey(_ parameters: String, _ command: Unicode.Scalar) {
        switch (parameters, command) {
        case ("?1049", "h"), ("?1049", "l"): isAlternate = command == "h"
        case ("?25", "h"), ("?25", "l"): isCursorVisible = command == "h"
        case ("?7", "h"), ("?7", "l"): breaksLines = command == "h"
        case (_, "H"):
            let numbers = parameters.split(separator: ";").compactMap { Int($0) }
            row = min(max((numbers.first ?? 1) - 1, 0), rows - 1)
            column = min(max((numbers.count > 1 ? numbers[1] : 1) - 1, 0), columns - 1)
        case ("2", "J"): clear(rows: 0..<rows)
        case ("2", "K"): clear(rows: row..<row + 1)
        case (_, "m"): break
        default: unknown.append("\(parameters)\(command)")
        }
    }

    private mutating func clear(rows: Range<Int>) {
        for row in rows {
            let blank = Array(repeating: Character(" "), count: columns)
            if isAlternate { alternate[row] = blank } else { normal[row] = blank }
        }
    }
}
