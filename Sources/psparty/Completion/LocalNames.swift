import ArgumentParser
import PartyCore
import PartyLive

/// Names for completion from local files only. The network is never used, and unreadable files give no names.
struct LocalNames: Sendable {
    let environment: CommandEnvironment
    let options: GlobalOptions

    /// - Parameter words: the words of an incomplete command line, of which only `--profile` and `--server` are read.
    init?(_ words: [String], in environment: CommandEnvironment) {
        var arguments: [String: String] = [:]
        for (index, word) in words.enumerated() {
            for option in ["--profile", "--server"] {
                if word.hasPrefix(option + "=") { arguments[option] = word }
                if word == option, index + 1 < words.count { arguments[option] = "\(option)=\(words[index + 1])" }
            }
        }
        guard let options = try? GlobalOptions.parse(Array(arguments.values)) else { return nil }
        self.environment = environment
        self.options = options
    }

    var profiles: [String] {
        configuration?.stateFolder.map { FileStore.profiles(in: $0) } ?? []
    }

    /// The id of the current party, behind the word for it.
    var parties: [String] {
        let current = try? client?.currentParty()
        return ["current"] + (current.map { [$0.text] } ?? [])
    }

    /// The friends that `psparty friends` listed last.
    var users: [String] { ["me"] + (client?.rememberedFriends() ?? []) }

    private var configuration: Configuration? {
        // An invalid file is reported when the command itself runs.
        let entries = try? ConfigFile(environment.variables, random: environment.random)?.entries()
        return try? Configuration(options: options, variables: environment.variables, entries: entries ?? [])
    }

    private var client: PartyClient? {
        (try? CommandContext(options: options, environment: environment))?.client
    }
}
