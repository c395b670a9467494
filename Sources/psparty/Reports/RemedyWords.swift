import PartyCore

extension Remedy {
    /// The hint for a remedy. Its commands include the profile and server options of this run.
    func words(_ invocation: Invocation) -> String {
        switch self {
        case .signIn: "sign in with \(invocation.quoted("login"))"
        case .signInAgain: "sign in again with \(invocation.quoted("login"))"
        case .signInForPush:
            "sign in again with \(invocation.quoted("login")); the push service refuses tokens that were issued without a device id"
        case .signInWithBrowser:
            "run \(invocation.quoted("login")) without options, open the printed URL in a browser and complete the page that "
                + "appears"
        case .beginAgain: "run the command again to act for that account"
        case .restartSignIn:
            "start again with \(invocation.quoted("login")) and paste the redirect URL of that sign-in"
        case .replaceSignIn:
            "use another profile with --profile NAME, or replace that sign-in with "
                + invocation.quoted("login --replace")
        case .signOut(let origin):
            "use another profile with --profile NAME, or sign out of that server with "
                + invocation.at("\(origin)").quoted("logout")
        case .listParties:
            "the party may have been created nevertheless: check with \(invocation.quoted("list")) before you try again"
        case .createParty: "create one with \(invocation.quoted("create")), or name a party"
        case .joinParty(let id): "join it with \(invocation.quoted("join \(id.word)"))"
        case .leaveParty(let id): "you may still be in the party: \(invocation.quoted("leave \(id.word)"))"
        case .showParty(let id): "see who is in it with \(invocation.quoted("show \(id.word)"))"
        case .openVoice: "get an offer with \(invocation.quoted("voice offer"))"
        case .stopVoice:
            "an earlier bridge of yours may still be open: close it with \(invocation.quoted("voice stop")), or wait a minute"
        case .releaseVoice:
            "close it with \(invocation.quoted("voice stop")), or pass --take-over to let this run close it"
        case .takeDownVoice: "close it with \(invocation.quoted("voice stop"))"
        case .takeOverVoice: "end that run first, or pass --take-over to end it"
        case .configureClient, .checkClient, .checkClientRegistration, .useOneServer, .renewAccessToken,
            .correctAccessToken:
            settingWords
        case .correctTrustFile, .trustServer, .trustProxy, .trustIssuer: trustWords
        case .raiseLimit: "raise the limits of this process (`ulimit -a` shows them), or end other programs"
        case .separateEngineWords: "write the program and its arguments after --, each as a separate word"
        }
    }

    /// Hints that name variables and options, but no command.
    private var settingWords: String {
        switch self {
        case .configureClient: "set PSPARTY_CLIENT_ID and PSPARTY_CLIENT_SECRET; psparty includes no client of its own"
        case .checkClient: "check PSPARTY_CLIENT_ID and PSPARTY_CLIENT_SECRET: the service does not know this pair"
        case .checkClientRegistration: "check client-id, redirect-uri and scope: the service refuses them"
        case .useOneServer: "set one server with --server, or set the same server in every hosts.* key"
        case .renewAccessToken: "PSPARTY_ACCESS_TOKEN has expired or lacks a scope; set another one"
        default: "set PSPARTY_ACCESS_TOKEN to an access token of the service, which is a JWT"
        }
    }

    private var trustWords: String {
        switch self {
        case .correctTrustFile: "--ca-file and PSPARTY_CA_FILE need a file of PEM certificates"
        case .trustProxy: "if you trust the proxy's certificate authority, name its PEM file with --ca-file"
        case .trustIssuer(let issuer):
            "the server left out the certificate of its issuer, \(issuer.name)"
                + (issuer.addresses.first.map { " (it should be at \($0))" } ?? "")
                + ": if you trust it, name a PEM file that holds it with --ca-file"
        default: "if you trust this server's certificate authority, name its PEM file with --ca-file"
        }
    }
}

extension PartyID {
    fileprivate var word: String { text.displayed.shellWord }
}

extension PartyError {
    /// The error with the hint of its remedy, unless it already has a hint.
    func worded(for invocation: Invocation) -> PartyError {
        guard hint == nil, let remedy else { return self }
        var error = self
        error.hint = remedy.words(invocation)
        return error
    }
}
