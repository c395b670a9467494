import ArgumentParser
import PartyCore
import PartyLive

/// Completions from local files only. The network is never used, and unreadable files give no completions.
enum LocalCompletion {
    /// The environment of the run that is being parsed. The parser's hooks accept no parameter for it.
    @TaskLocal static var environment: CommandEnvironment?

    static let profiles = CompletionKind.custom { words, _, _ in
        guard let folder = configuration(words)?.stateFolder else { return [] }
        return FileStore.profiles(in: folder)
    }

    static let parties = CompletionKind.custom { words, _, _ in
        let current = try? client(words)?.currentParty()
        return ["current"] + (current.map { [$0.text] } ?? [])
    }

    /// The friends that `psparty friends` listed last.
    static let users = CompletionKind.custom { words, _, _ in
        ["me"] + (client(words)?.rememberedFriends() ?? [])
    }

    private static func configuration(_ words: [String]) -> Configuration? {
        guard let environment, let options = options(words) else { return nil }
        // An invalid file is reported when the command itself runs.
        let entries = try? ConfigFile(environment.variables, random: environment.random)?.entries()
        return try? Configuration(options: options, variables: environment.variables, entries: entries ?? [])
    }

    private static func client(_ words: [String]) -> PartyClient? {
        guard let environment, let options = options(words) else { return nil }
        return (try? CommandContext(options: options, environment: environment))?.client
    }

    /// The line is still incomplete, so only `--profile` and `--server` are extracted.
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
