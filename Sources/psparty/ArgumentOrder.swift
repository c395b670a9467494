import ArgumentParser

/// Puts the options of every command behind the command's name, so that they may stand before it as well.
struct ArgumentOrder {
    /// The command that the words name; `nil` where they name none.
    private(set) var command: (any ParsableCommand.Type)?
    /// Its name, after those of the groups it is in.
    private(set) var path: [String] = []
    /// What is said to it.
    private(set) var rest: [String]

    /// All the words in their new order.
    var words: [String] { path + rest }

    private static let flags: Set<String> = ["--json", "--quiet", "--verbose", "--dry-run"]
    private static let valued: Set<String> = ["--profile", "--color", "--server", "--ca-file"]

    init(_ words: [String], root: any ParsableCommand.Type) {
        var moved: [String] = []
        var rest = words[...]
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            let isOneWord = Self.valued.contains(String(name)) && name.count < word.count
            if Self.flags.contains(word) || Self.isShortFlags(word) || isOneWord {
                moved.append(word)
                rest = rest.dropFirst()
            } else if Self.valued.contains(word) {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if let next = Self.subcommand(word, of: command ?? root) {
                command = next
                path.append(word)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        self.rest = moved + rest
        guard path.isEmpty else { return }
        // No command of ours: the word itself is what is wrong, not the options around it.
        let isWrongWord = rest.first.map { !$0.hasPrefix("-") && $0 != "help" } ?? false
        self.rest = Array(isWrongWord ? rest.prefix(1) : rest)
    }

    /// By the name it was given: to make one up from its type costs more than all the rest here.
    private static func subcommand(
        _ name: String, of command: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        command.configuration.subcommands.first { $0.configuration.commandName == name }
    }

    /// One letter or several together: `-q`, `-vv`, `-qv`.
    private static func isShortFlags(_ word: String) -> Bool {
        word.count > 1 && word.hasPrefix("-") && word.dropFirst().allSatisfy { "qv".contains($0) }
    }
}
