import ArgumentParser

/// A word in the place of a command that is none.
struct UnknownCommand {
    let word: String
    /// Where it was looked for.
    private let names: [String]

    /// `nil` where the words name a command, or ask for none.
    init?(_ arguments: [String]) {
        let words = arguments.first == "help" ? Array(arguments.dropFirst()) : arguments
        let order = ArgumentOrder(words, root: Psparty.self)
        let names = Self.names(in: order.command)
        guard !names.isEmpty, let word = order.rest.first(where: { !$0.hasPrefix("-") }), word != "help" else {
            return nil
        }
        self.word = word
        self.names = names
    }

    /// The commands of a group, or the first ones of all; none where it is no group.
    private static func names(in group: (any ParsableCommand.Type)?) -> [String] {
        var commands = Psparty.configuration.subcommands
        if let group { commands = group.configuration.subcommands }
        return commands.compactMap { command in command.configuration.commandName }
    }

    var failure: Failure {
        let near = nearestWord(to: word, among: names)
        return .usage(
            "unknown command \(word.quoted)", hint: near.map { "did you mean \($0)?" } ?? "see `psparty help`")
    }
}
