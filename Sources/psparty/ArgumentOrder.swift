import ArgumentParser

/// Puts the options of every command behind the command's name, so that they may stand before it as well.
struct ArgumentOrder {
    /// The command that the words name; `nil` where they name none.
    private(set) var command: (any ParsableCommand.Type)?
    /// Its name, after those of the groups it is in.
    private(set) var path: [String] = []
    /// The options of every command that stand up to its name.
    private(set) var options: [String] = []
    /// The first of them that has no value and needs one.
    private(set) var optionWithoutValue: String?
    /// What stands behind them and the name.
    private(set) var tail: [String]

    /// All the words in their new order; the options only where there is a command to take them.
    var words: [String] { path + rest }

    /// What is said to the command.
    var rest: [String] { path.isEmpty ? tail : options + tail }

    static let flags: Set<String> = ["--json", "--quiet", "--verbose", "--dry-run"]
    static let valued: Set<String> = ["--profile", "--color", "--server", "--ca-file"]

    init(_ words: [String], root: any ParsableCommand.Type) {
        var rest = words[...]
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            let isOneWord = Self.valued.contains(String(name)) && name.count < word.count
            if Self.flags.contains(word) || Self.isShortFlags(word) || isOneWord {
                options.append(word)
                if word.hasSuffix("="), name.count + 1 == word.count {
                    optionWithoutValue = optionWithoutValue ?? String(name)
                }
                rest = rest.dropFirst()
            } else if Self.valued.contains(word) {
                let value = rest.dropFirst().first.flatMap { $0.hasPrefix("-") && $0 != "-" ? nil : $0 }
                if value == nil { optionWithoutValue = optionWithoutValue ?? word }
                options += [word] + [value].compactMap { $0 }
                rest = rest.dropFirst(value == nil ? 1 : 2)
            } else if let next = Self.subcommand(word, of: command ?? root) {
                command = next
                path.append(word)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        tail = Array(rest)
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
