import ArgumentParser
import PartyCore
import PartyLive

/// What the shell completes from local files alone: the network is never asked, and what cannot be read completes nothing.
enum LocalCompletion {
    /// The surroundings of the run whose words are being parsed: the parser's hooks take no parameter of ours.
    @TaskLocal static var shell: Shell?

    static let profiles = CompletionKind.custom { words, _, _ in
        guard let folder = configuration(words)?.stateFolder else { return [] }
        return FileStore.profiles(in: folder)
    }

    static let parties = CompletionKind.custom { words, _, _ in
        let current = try? client(words)?.currentParty()
        return ["current"] + (current.map { [$0.text] } ?? [])
    }

    /// Friends as `psparty friends` last listed them.
    static let users = CompletionKind.custom { words, _, _ in
        ["me"] + (client(words)?.rememberedFriends() ?? [])
    }

    private static func configuration(_ words: [String]) -> Configuration? {
        guard let shell, let options = options(words) else { return nil }
        // A file that cannot be used is told by the command itself.
        let entries = try? ConfigFile(shell.variables, random: shell.random)?.entries()
        return try? Configuration(options: options, variables: shell.variables, entries: entries ?? [])
    }

    private static func client(_ words: [String]) -> PartyClient? {
        guard let shell, let options = options(words) else { return nil }
        return (try? CommandContext(options: options, shell: shell))?.client
    }

    /// The words are those of a line that is still being written: only profile and server are picked out.
    static func options(_ words: [String]) -> GlobalOptions? {
        var arguments: [String: String] = [:]
        for (index, word) in words.enumerated() {
            for option in ["--profile", "--server"] {
                if word.hasPrefix(option + "=") { arguments[option] = word }
                if word == option, index + 1 < words.count - 1 { arguments[option] = "\(option)=\(words[index + 1])" }
            }
        }
        return try? GlobalOptions.parse(Array(arguments.values))
    }
}
