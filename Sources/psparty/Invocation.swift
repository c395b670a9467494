import PartyCore
import PartyLive

/// How psparty has to be called to act for the profile, and at the server, of this run: for commands that are named to
/// people or pasted into a shell.
struct Invocation: Sendable {
    /// `nil` where a call without options has the same.
    private let profile: String?
    private var server: String?

    init(profile: String?, server: String?) {
        self.profile = profile
        self.server = server
    }

    /// The invocation of a run that has failed, whose configuration may be what failed.
    init(_ options: GlobalOptions, in shell: Shell) {
        let entries = try? ConfigFile(shell.variables, random: shell.random)?.entries()
        if let configuration = try? Configuration(
            options: options, variables: shell.variables, entries: entries ?? [])
        {
            self = configuration.invocation
        } else {
            let profile = options.profile ?? shell.variables["PSPARTY_PROFILE"] ?? ""
            let isNamed = FileStore.isProfileName(profile) && profile != ServiceSettings().profile
            self.init(profile: isNamed ? profile : nil, server: options.server)
        }
    }

    /// A command in words that a shell takes, like `psparty login --profile bob`.
    func command(_ words: String) -> String {
        var words = ["psparty", words]
        if let profile {
            // A name may begin with a dash, which only this form takes.
            words += profile.hasPrefix("-") ? ["--profile=\(profile)"] : ["--profile", profile]
        }
        if let server { words += ["--server", server.shellWord] }
        return words.joined(separator: " ")
    }

    /// The same at another server.
    func at(_ server: String) -> Invocation { Invocation(profile: profile, server: server) }

    /// The same as it stands in a sentence.
    func quoted(_ words: String) -> String { "`\(command(words))`" }
}

extension Configuration {
    /// How to call psparty so that it goes by the same profile and server.
    var invocation: Invocation {
        let profile = settings.profile
        let server = values[.server]
        return Invocation(
            profile: profile != ServiceSettings().profile || hidesOtherProfile ? profile : nil,
            server: server.source == .option ? server.value?.reveal() : nil)
    }
}

extension String {
    /// As one word of a POSIX shell, taken literally: quoted only where it has to be.
    var shellWord: String {
        let isPlain = utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "-_./:=@%+,".utf8.contains(byte)
        }
        return isPlain && !isEmpty ? self : shellQuoted
    }

    /// As one word of a POSIX shell, taken literally.
    var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
