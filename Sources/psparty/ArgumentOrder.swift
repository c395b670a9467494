import ArgumentParser

/// Moves the global options behind the command's name, so that users may also write them before it.
struct ArgumentOrder {
    /// The command that the arguments name; `nil` if they name none.
    private(set) var command: (any ParsableCommand.Type)?
    /// The command's name, preceded by the names of its groups.
    private(set) var path: [String] = []
    /// The global options found before the command's name.
    private(set) var options: [String] = []
    /// The first global option whose required value is missing.
    private(set) var optionWithoutValue: String?
    /// The arguments after the command's name.
    private(set) var tail: [String]

    /// All arguments in their new order. The options are left out if there is no command to take them.
    var words: [String] { path + rest }

    /// The arguments of the command itself.
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

    /// Compares explicit names only: deriving a name from the type costs more than the rest of this function.
    private static func subcommand(
        _ name: String, of command: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        command.configuration.subcommands.first { $0.configuration.commandName == name }
    }

    /// One flag letter or several combined: `-q`, `-vv`, `-qv`.
    private static func isShortFlags(_ word: String) -> Bool {
        word.count > 1 && word.hasPrefix("-") && word.dropFirst().allSatisfy { "qv".contains($0) }
    }
}
