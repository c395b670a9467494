import PartyCore
import PartyLive

/// Builds psparty command lines that use the same profile and server as this run: for hints and `curl` commands.
struct Invocation: Sendable {
    /// `nil` if a command without `--profile` uses the same profile.
    private let profile: String?
    private var server: String?

    init(profile: String?, server: String?) {
        self.profile = profile
        self.server = server
    }

    /// The invocation of a failed run. Its configuration may be invalid.
    init(_ options: GlobalOptions, in environment: CommandEnvironment) {
        let entries = try? ConfigFile(environment.variables, random: environment.random)?.entries()
        if let configuration = try? Configuration(
            options: options, variables: environment.variables, entries: entries ?? [])
        {
            self = configuration.invocation
        } else {
            let profile = options.profile ?? environment.variables["PSPARTY_PROFILE"] ?? ""
            let isNamed = FileStore.isProfileName(profile) && profile != ServiceSettings().profile
            self.init(profile: isNamed ? profile : nil, server: options.server)
        }
    }

    /// A command line for a shell, like `psparty login --profile bob`.
    func command(_ words: String) -> String {
        var words = ["psparty", words]
        if let profile {
            // A name that begins with a dash is accepted only in this form.
            words += profile.hasPrefix("-") ? ["--profile=\(profile)"] : ["--profile", profile]
        }
        if let server { words += ["--server", server.shellWord] }
        return words.joined(separator: " ")
    }

    /// The same profile with another server.
    func at(_ server: String) -> Invocation { Invocation(profile: profile, server: server) }

    /// The command in backticks, for a sentence.
    func quoted(_ words: String) -> String { "`\(command(words))`" }
}

extension Configuration {
    /// How to call psparty with the same profile and server.
    var invocation: Invocation {
        let profile = settings.profile
        let server = values[.server]
        return Invocation(
            profile: profile != ServiceSettings().profile || hidesOtherProfile ? profile : nil,
            server: server.source == .option ? server.value?.reveal() : nil)
    }
}

extension String {
    /// One literal word of a POSIX shell, quoted only if necessary.
    var shellWord: String {
        let isPlain = utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "-_./:=@%+,".utf8.contains(byte)
        }
        return isPlain && !isEmpty ? self : shellQuoted
    }

    /// One literal word of a POSIX shell, always quoted.
    var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
