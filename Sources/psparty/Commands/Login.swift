import ArgumentParser
import PartyCore

struct Login: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in.",
        discussion: """
            Without an option: prints the address to open in a browser and waits on standard input for the address that \
            the browser ends at. No secret is ever taken from an argument.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Read the NPSSO cookie from standard input (or PSPARTY_NPSSO).", valueName: "-"))
    var npsso: StandardInput?

    @Option(help: ArgumentHelp("Read the redirected address, or the code, from standard input.", valueName: "-"))
    var code: StandardInput?

    @Flag(help: "Give up a sign-in of another server that the profile has.")
    var replace = false

    func validate() throws {
        if global.dryRun { throw ValidationError("login has no --dry-run: its requests are made of secrets") }
        guard npsso == nil || code == nil else { throw ValidationError("--npsso and --code exclude each other") }
        guard npsso?.isDash != false, code?.isDash != false else {
            throw ValidationError("--npsso and --code take only -, for standard input: no secret comes in an argument")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> WhoamiReport {
        let before = context.client.voiceLeftovers()
        let account = try await signIn(in: context)
        if let before { tell(of: before, in: context) }
        let profile = context.configuration.settings.profile
        let name = account.onlineID ?? account.accountID.description
        return WhoamiReport(account: account, profile: profile, deed: "profile \(profile) is signed in as \(name)")
    }

    /// Nothing of it is lost: it waits for the account it belongs to.
    private func tell(of voice: VoiceLeftovers, in context: CommandContext) {
        guard !voice.attachments.isEmpty, context.client.signedInAccount() != voice.account else { return }
        context.notice(
            "psparty: account \(voice.account.accountID) at \(voice.account.origin) still has voice open; to take it down, "
                + "sign in as that account again and run \(context.configuration.invocation.quoted("voice stop"))")
    }

    private func signIn(in context: CommandContext) async throws(PartyError) -> Account {
        try context.requireTokenFile()
        let client = context.client
        try client.requireSignIn(replacing: replace, byRedirect: code != nil)
        let variable = context.configuration.variables["PSPARTY_NPSSO"] ?? ""
        if code == nil, !variable.isEmpty {
            return try await client.signIn(
                npsso: try Self.npsso(inVariable: Redacted(variable)), replacing: replace)
        }
        if npsso != nil {
            if context.console.isInputTerminal {
                context.notice("Paste the NPSSO (it will not show) and press return:")
            }
            return try await client.signIn(npsso: try await Self.typedNPSSO(context.console), replacing: replace)
        }
        if code == nil {
            let url = try await client.beginSignIn(replacing: replace)
            context.console.complain(
                """
                Open this address in a browser and sign in:

                \(url)

                The browser then fails to open an address that starts with the redirect's scheme. Paste that address here:

                """)
        }
        return try await client.signIn(
            redirect: try await context.console.readLine(isSecret: true), replacing: replace)
    }
}

extension Login {
    /// Far more lines than the JSON page has in any layout.
    private static let mostLines = 200

    /// Empty lines in front are passed over, and a JSON page is read to its end.
    private static func typedNPSSO(_ console: Console) async throws(PartyError) -> Redacted<String> {
        var text = ""
        for _ in 0..<mostLines where NPSSO.isIncomplete(Redacted(text)) {
            guard let line = try await console.input(true) else { break }
            text += line.reveal() + "\n"
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw PartyError(.badData, "nothing came on standard input", step: "input")
        }
        return Redacted(text)
    }

    /// - Throws: `.configuration`, which names the variable.
    private static func npsso(inVariable value: Redacted<String>) throws(PartyError) -> Redacted<String> {
        do throws(PartyError) { return try NPSSO(value).value } catch {
            throw PartyError(
                .configuration, "PSPARTY_NPSSO cannot be used: \(error.message)", step: "configuration",
                hint: error.hint)
        }
    }
}

/// The word `-`: a secret comes from standard input, never from an argument, where others could read it.
/// Any other word is taken and refused later, since a refusal here would print it.
struct StandardInput: ExpressibleByArgument, Sendable {
    let isDash: Bool

    init(argument: String) {
        isDash = argument == "-"
    }
}
