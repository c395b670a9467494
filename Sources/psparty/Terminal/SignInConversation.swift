import PartyCore

/// The words of `login` in a browser: what to do, step by step, and what to expect.
struct SignInConversation: Sendable {
    private let console: Console
    private let configuration: Configuration
    private let isQuiet: Bool

    /// How often a person may paste something else than the address.
    private static let tries = 3

    init(_ context: CommandContext) {
        console = context.console
        configuration = context.configuration
        isQuiet = context.options.isQuiet
    }

    /// - Throws: `.configuration` without an OAuth client, with the commands that lead to one.
    static func requireClient(_ configuration: Configuration) throws(PartyError) {
        guard configuration.settings.oauthClient == nil else { return }
        let id = configuration.values.value(.clientID)
        let invocation = configuration.invocation
        throw PartyError(
            .configuration, id == nil ? "no OAuth client is configured" : "the OAuth client has no secret",
            step: "sign-in",
            hint: [
                "psparty includes no OAuth client; docs/sign-in.md says why, and what a client is. With yours:",
                id == nil ? invocation.quoted("config set client-id ID") + " (or PSPARTY_CLIENT_ID)" : nil,
                invocation.quoted("config set client-secret -")
                    + " reads the secret from standard input (or PSPARTY_CLIENT_SECRET)",
                invocation.quoted("login"),
            ].compactMap { $0 }.joined(separator: "\n"))
    }

    /// Shows the address to open.
    func begin(_ url: String) {
        console.errorOutput(console.isInputTerminal ? steps(url) : Self.summary(url))
    }

    private static func summary(_ url: String) -> String {
        """
        Open this URL in a browser and sign in:

        \(url)

        The browser then cannot open the redirect URL, which is expected. Paste that URL here:

        """
    }

    private func steps(_ url: String) -> String {
        let settings = configuration.settings
        let redirect = settings.oauthClient?.redirectURI ?? OAuthClient.defaultRedirectURI
        let scheme = redirect.prefix { $0 != ":" }
        return """
            Profile \(settings.profile.displayed) signs in to \(settings.hosts.authorization.displayed), in three steps.

            1. Open this URL in a browser, on any machine, and sign in:

            \(url.displayed)

            2. The browser ends at an address that begins with \(redirect.displayed)
               No browser knows the scheme \(String(scheme).displayed), so it shows an error page or nothing at all. That is expected.
               Copy the whole address from the address bar. If it is not there, open the developer tools
               (F12, Network) before you sign in: the address is the Location of the last response.

            3. Paste the address here within a few minutes and press return. It is not displayed:

            """
    }

    /// Reads the address and signs in with it.
    /// - Parameter asksAgain: whether a person at a terminal may paste again what was not the address.
    func finish(
        asksAgain: Bool, _ signIn: (Redacted<String>) async throws(PartyError) -> Account
    ) async throws(PartyError) -> Account {
        var tries = 1
        while true {
            do throws(PartyError) {
                let redirect = try await console.readLine(isSecret: true)
                if console.isInputTerminal { tell("psparty: signing in with the code of that address") }
                return try await signIn(redirect)
            } catch {
                guard error.kind == .badData, asksAgain, console.isInputTerminal, tries < Self.tries else {
                    throw error
                }
                tries += 1
                tell("psparty: \(error.message.displayed)")
                if let hint = error.hint { tell("hint: \(hint.displayed)") }
                tell("Paste the address again:")
            }
        }
    }

    private func tell(_ line: String) {
        if !isQuiet { console.errorOutput(line + "\n") }
    }
}
