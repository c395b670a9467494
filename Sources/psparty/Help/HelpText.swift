import PartyCore

/// Lays out help for a terminal or a pipe: headings, indented text and two columns.
struct HelpText {
    let style: Style
    private(set) var text = ""
    private let width: Int

    private static let indent = 2
    /// A longer label stands on a line of its own.
    private static let widestLabel = 26

    init(_ style: Style) {
        self.style = style
        // Longer lines are hard to read; a narrower terminal breaks them itself.
        width = min(max(style.columns ?? 80, 50), 100)
    }

    mutating func heading(_ title: String) {
        text += (text.isEmpty ? "" : "\n") + style.mark(title, .strong) + "\n"
    }

    mutating func paragraph(_ words: String, indent: Int = 0) {
        if !text.isEmpty, indent == 0 { text += "\n" }
        for block in words.split(separator: "\n", omittingEmptySubsequences: false) {
            // An indented line is a command line or a list: it is shown as it is.
            let lines = block.hasPrefix(" ") ? [String(block)] : Self.wrapped(String(block), to: width - indent)
            for line in lines { text += String(repeating: " ", count: line.isEmpty ? 0 : indent) + line + "\n" }
        }
    }

    /// Labels with their explanations beside them.
    mutating func list(_ rows: [(label: String, words: String)]) {
        let labels = rows.map(\.label.columns).filter { $0 <= Self.widestLabel }
        let column = Self.indent + (labels.max() ?? 0) + 2
        for row in rows {
            let lines = Self.wrapped(row.words, to: width - column)
            let isBeside = row.label.columns <= column - Self.indent - 2
            let label = String(repeating: " ", count: Self.indent) + row.label
            text += isBeside && !row.words.isEmpty ? label.padded(toColumns: column) : label + "\n"
            for (index, line) in lines.enumerated() where !row.words.isEmpty {
                text += index == 0 && isBeside ? "" : String(repeating: " ", count: column)
                text += line + "\n"
            }
        }
    }

    mutating func examples(_ examples: [Example]) {
        for (index, example) in examples.enumerated() {
            if index > 0 { text += "\n" }
            text += style.mark("  # \(example.purpose)", .faint) + "\n  $ \(example.line)\n"
        }
    }

    /// Breaks a text at its blanks.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var (lines, used) = ([""], 0)
        for word in text.split(separator: " ").map(String.init) {
            let columns = word.columns
            if used == 0 {
                lines[lines.count - 1] = word
                used = columns
            } else if used + 1 + columns <= width {
                lines[lines.count - 1] += " " + word
                used += 1 + columns
            } else {
                lines.append(word)
                used = columns
            }
        }
        return lines
    }
}

extension CommandPage {
    /// The help of the command: its own options first, those of every command in a group behind them, examples last.
    func text(_ style: Style) -> String {
        var help = HelpText(style)
        help.paragraph(abstract)
        if !discussion.isEmpty { help.paragraph(discussion) }
        help.heading("USAGE")
        for line in usage { help.paragraph(line, indent: 2) }
        for group in groups {
            help.heading(group.title.isEmpty ? "COMMANDS" : "\(group.title.uppercased()) COMMANDS")
            help.list(group.commands.map { ($0.name, $0.abstract.asOneLiner) })
        }
        if !arguments.isEmpty {
            help.heading("ARGUMENTS")
            help.list(arguments.map(\.row))
        }
        for section in sections {
            help.heading(section.title?.uppercased() ?? "OPTIONS")
            help.list(section.options.map(\.row))
        }
        help.heading("COMMON OPTIONS")
        help.list(commonOptions.map(\.row))
        if path.isEmpty {
            help.heading("TOPICS")
            help.list(HelpTopic.allCases.map { ("help \($0.rawValue)", $0.abstract.asOneLiner) })
        }
        help.heading("EXAMPLES")
        help.examples(examples)
        if !groups.isEmpty {
            let name = (["psparty", "help"] + path + ["COMMAND"]).joined(separator: " ")
            help.paragraph("`\(name)` shows the options and examples of a command.")
        }
        return help.text
    }
}

extension CommandPage.Parameter {
    /// The label, and what it means with its default.
    var row: (label: String, words: String) { (label, words) }

    var words: String {
        let shown = abstract.asOneLiner
        guard let defaultValue, !defaultValue.isEmpty else { return shown }
        return "\(shown) (default \(defaultValue))"
    }
}

extension String {
    /// One sentence without its full stop and capital letter; several sentences are left as they are.
    var asOneLiner: String {
        guard !dropLast().contains(". ") else { return self }
        let text = hasSuffix(".") ? dropLast() : self[...]
        let isWord = text.dropFirst().first?.isUppercase == false
        return isWord ? text.prefix(1).lowercased() + text.dropFirst() : String(text)
    }
}
