import ArgumentParser

/// Puts the options of every command behind the command's name, so that they may stand before it as well.
enum ArgumentOrder {
    private static let flags: Set<String> = ["--json", "--quiet", "--verbose", "--dry-run"]
    private static let valued: Set<String> = ["--profile", "--color", "--server", "--ca-file"]

    static func commandFirst(_ words: [String], root: any ParsableCommand.Type) -> [String] {
        var command = root
        var path: [String] = []
        var moved: [String] = []
        var rest = words[...]
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            if flags.contains(word) || isShortFlags(word) || (valued.contains(String(name)) && name.count < word.count)
            {
                moved.append(word)
                rest = rest.dropFirst()
            } else if valued.contains(word) {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if let next = command.configuration.subcommands.first(where: { $0._commandName == word }) {
                command = next
                path.append(word)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard path.isEmpty else { return path + moved + rest }
        // No command of ours: the word itself is what is wrong, not the options around it.
        if let word = rest.first, !word.hasPrefix("-"), word != "help" { return [word] }
        return Array(rest)
    }

    /// One letter or several together: `-q`, `-vv`, `-qv`.
    private static func isShortFlags(_ word: String) -> Bool {
        word.count > 1 && word.hasPrefix("-") && word.dropFirst().allSatisfy { "qv".contains($0) }
    }
}
