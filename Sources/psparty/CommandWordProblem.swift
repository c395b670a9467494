import ArgumentParser

/// An error in the arguments up to the command's name. The parser would take the word after an unknown option as the command.
enum CommandWordProblem: Error, Equatable {
    /// The group has no command of this name.
    case unknownCommand(String, group: [String])
    /// `help` knows no command and no topic of this name.
    case unknownTopic(String)
    case unknownOption(String)
    /// A global option without its value.
    case missingValue(String)
    /// A flag with a value, like `--json=3`.
    case unexpectedValue(String)
    /// Options, but no command of this group.
    case missingCommand(options: [String], group: [String])

    /// Options that the parser handles without a command.
    private static let parserOptions: Set<String> = [
        "--help", "-h", "--help-hidden", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    private static let values = [
        "--profile": "NAME", "--color": "never", "--server": "https://127.0.0.1:8443", "--ca-file": "FILE",
    ]

    /// `nil` if the arguments name a command, or need none.
    init?(_ arguments: [String]) {
        var order = ArgumentOrder(arguments, root: Psparty.self)
        let isHelp = order.path == ["help"]
        if isHelp { order = ArgumentOrder(order.tail, root: Psparty.self) }
        guard !Self.commands(in: order.path).isEmpty else { return nil }
        if let option = order.optionWithoutValue {
            self = .missingValue(option)
        } else if isHelp, order.path.isEmpty, let word = order.tail.first, !word.hasPrefix("-") {
            guard HelpTopic(rawValue: word) == nil else { return nil }
            self = .unknownTopic(word)
        } else if let word = order.tail.first {
            self.init(word, in: order.path)
        } else if !order.options.isEmpty, !isHelp {
            self = .missingCommand(options: order.options, group: order.path)
        } else {
            return nil
        }
    }

    private init?(_ word: String, in group: [String]) {
        let name = String(word.prefix { $0 != "=" })
        // Completion scripts pass words that begin with three dashes.
        guard word != "help", !Self.parserOptions.contains(name), !word.hasPrefix("---") else { return nil }
        if !word.hasPrefix("-") || word == "-" {
            self = .unknownCommand(word, group: group)
        } else {
            self = ArgumentOrder.flags.contains(name) ? .unexpectedValue(name) : .unknownOption(name)
        }
    }

    /// The commands of a group, or the top-level ones for an empty path; none if the path is not a group.
    static func commands(in group: [String]) -> [String] {
        var commands = Psparty.configuration.subcommands
        for name in group {
            let command = commands.first { $0.configuration.commandName == name }
            commands = command?.configuration.subcommands ?? []
        }
        return commands.compactMap { $0.configuration.commandName }
    }

    var failure: Failure { .usage(message, hint: hint) }

    private var message: String {
        switch self {
        case .unknownCommand(let word, _), .unknownTopic(let word):
            word.isEmpty ? "the command name is empty" : "unknown command \(word.quoted)"
        case .unknownOption("--"): "-- was given before the command's name"
        case .unknownOption(let name): "unknown option \(name.quoted) before the command's name"
        case .missingValue(let name): "\(name) needs a value"
        case .unexpectedValue(let name): "\(name) takes no value"
        case .missingCommand(let options, let group):
            "no command was given with \((group + options).joined(separator: " ").quoted)"
        }
    }

    private var hint: String {
        switch self {
        case .unknownCommand(let word, let group):
            nearestWord(to: word, among: Self.commands(in: group)).map { "did you mean \($0)?" } ?? Self.help(group)
        case .unknownTopic(let word):
            nearestWord(to: word, among: Self.commands(in: []) + HelpTopic.allCases.map(\.rawValue))
                .map { "did you mean \($0)?" } ?? Self.help([])
        case .unknownOption("--"): "leave it out"
        case .unknownOption(let name):
            nearestWord(to: name, among: (ArgumentOrder.flags.union(ArgumentOrder.valued)).sorted())
                .map { "did you mean \($0)?" }
                ?? "only global options are allowed before the command's name; see `psparty help`"
        case .missingValue(let name): "write it like `\(name) \(Self.values[name] ?? "VALUE")`"
        case .unexpectedValue(let name): "write \(name) without a value"
        case .missingCommand(_, let group): Self.help(group)
        }
    }

    private static func help(_ group: [String]) -> String {
        "see `\((["psparty", "help"] + group).joined(separator: " "))`"
    }
}
