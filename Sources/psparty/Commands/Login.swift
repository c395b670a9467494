import ArgumentParser
import PartyCore

struct Login: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in to your account.",
        usage: "psparty login [--npsso - | --code -] [options]",
        discussion: """
            Without an option, it prints a URL to open in a browser, and reads the URL that the browser is redirected to from \
            standard input. Secrets are never read from arguments.
            """)

    static let examples = [
        Example("sign in with a browser", "psparty login"),
        Example("sign in with the NPSSO cookie, which is not displayed", "psparty login --npsso -"),
        Example("finish a sign-in with a redirect URL from a file", "psparty login --code - < redirect.txt"),
        Example("sign in to a second account", "psparty login --profile work"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "standard input has no cookie, URL or code"
    ]

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Read the NPSSO cookie from standard input (or PSPARTY_NPSSO).", valueName: "-"))
    var npsso: StandardInput?

    @Option(help: ArgumentHelp("Read the redirect URL, or its code, from standard input.", valueName: "-"))
    var code: StandardInput?

    @Flag(help: "Replace the profile's sign-in to another server.")
    var replace = false

    func validate() throws {
        if global.dryRun { throw ValidationError("login has no --dry-run, because its requests contain secrets") }
        guard npsso == nil || code == nil else { throw ValidationError("--npsso and --code cannot be combined") }
        guard npsso?.isDash != false, code?.isDash != false else {
            throw ValidationError(
                "--npsso and --code accept only -, for standard input: secrets are never read from arguments")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> WhoamiReport {
        let before = context.client.voiceLeftovers()
        let account = try await signIn(in: context)
        if let before { noticeOpenVoice(before, in: context) }
        let profile = context.configuration.settings.profile
        let name = account.onlineID ?? account.accountID.description
        return WhoamiReport(account: account, profile: profile, effect: "profile \(profile) is signed in as \(name)")
    }

    /// Tells the user that the previous account still has voice open. The ledger keeps it for that account.
    private func noticeOpenVoice(_ voice: VoiceLeftovers, in context: CommandContext) {
        guard !voice.attachments.isEmpty, context.client.signedInAccount() != voice.account else { return }
        context.notice(
            "psparty: account \(voice.account.accountID) at \(voice.account.origin) still has voice open; to close it, "
                + "sign in to that account again and run \(context.configuration.invocation.quoted("voice stop"))")
    }

    private func signIn(in context: CommandContext) async throws(PartyError) -> Account {
        try context.requireTokenFile()
        try SignInConversation.requireClient(context.configuration)
        let client = context.client
        try client.requireSignIn(replacing: replace, byRedirect: code != nil)
        let variable = context.configuration.variables["PSPARTY_NPSSO"] ?? ""
        if code == nil, !variable.isEmpty {
            return try await client.signIn(
                npsso: try Self.npsso(inVariable: Redacted(variable)), replacing: replace)
        }
        if npsso != nil {
            if context.console.isInputTerminal {
                context.notice("Paste the NPSSO (it is not displayed) and press return:")
            }
            return try await client.signIn(npsso: try await Self.typedNPSSO(context.console), replacing: replace)
        }
        let conversation = SignInConversation(context)
        if code == nil { conversation.begin(try await client.beginSignIn(replacing: replace)) }
        return try await conversation.finish(asksAgain: code == nil) { (redirect) throws(PartyError) in
            try await client.signIn(redirect: redirect, replacing: replace)
        }
    }
}

extension Login {
    /// An upper limit for the lines of the JSON page.
    private static let mostLines = 200

    /// Skips empty lines in front and reads a JSON page to its end.
    private static func typedNPSSO(_ console: Console) async throws(PartyError) -> Redacted<String> {
        var text = ""
        for _ in 0..<mostLines where NPSSO.isIncomplete(Redacted(text)) {
            guard let line = try await console.input(true) else { break }
            text += line.reveal() + "\n"
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw PartyError(.badData, "standard input is empty", step: "input")
        }
        return Redacted(text)
    }

    /// - Throws: `.configuration`, which names the variable.
    private static func npsso(inVariable value: Redacted<String>) throws(PartyError) -> Redacted<String> {
        do throws(PartyError) { return try NPSSO(value).value } catch {
            throw PartyError(
                .configuration, "PSPARTY_NPSSO is invalid: \(error.message)", step: "configuration",
                hint: error.hint)
        }
    }
}

/// The value `-`: a secret is read from standard input, because other users can read arguments.
/// Other values are rejected later, because an error of the parser would print them.
struct StandardInput: ExpressibleByArgument, Sendable {
    let isDash: Bool

    init(argument: String) {
        isDash = argument == "-"
    }
}
