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

    func validate() throws {
        guard npsso == nil || code == nil else { throw ValidationError("--npsso and --code exclude each other") }
        guard npsso?.isDash != false, code?.isDash != false else {
            throw ValidationError("--npsso and --code take only -, for standard input: no secret comes in an argument")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> WhoamiReport {
        guard !global.dryRun else {
            throw PartyError(.configuration, "login has no --dry-run: its requests are made of secrets", step: "usage")
        }
        let account = try await signIn(in: context)
        return WhoamiReport(account: account, profile: context.configuration.settings.profile)
    }

    private func signIn(in context: CommandContext) async throws(PartyError) -> Account {
        let client = context.client
        let variable = context.configuration.variables["PSPARTY_NPSSO"] ?? ""
        if code == nil, !variable.isEmpty {
            return try await client.signIn(npsso: Redacted(variable))
        }
        if npsso != nil {
            if context.console.isInputTerminal {
                context.notice("Paste the NPSSO (it will not show) and press return:")
            }
            return try await client.signIn(npsso: try await context.console.readLine(isSecret: true))
        }
        if code == nil {
            let url = try await client.beginSignIn()
            context.console.complain(
                """
                Open this address in a browser and sign in:

                \(url)

                The browser then fails to open an address that starts with the redirect's scheme. Paste that address here:

                """)
        }
        return try await client.signIn(redirect: try await context.console.readLine(isSecret: true))
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
