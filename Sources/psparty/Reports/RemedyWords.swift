import PartyCore

extension Remedy {
    /// The hint: the one place where remedies become words, and where commands get the options of this run.
    func words(_ invocation: Invocation) -> String {
        switch self {
        case .signIn: "sign in with \(invocation.quoted("login"))"
        case .signInAgain: "sign in again with \(invocation.quoted("login"))"
        case .signInForPush:
            "sign in again with \(invocation.quoted("login")): tokens made without a device id are refused here"
        case .signInWithBrowser:
            "run \(invocation.quoted("login")) without an option, open the address it prints in a browser, and answer what the "
                + "page asks"
        case .restartSignIn:
            "start over with \(invocation.quoted("login")) and paste the address that this sign-in ends at"
        case .replaceSignIn:
            "use another profile with --profile NAME, or give that sign-in up for one here with "
                + invocation.quoted("login --replace")
        case .signOut(let origin):
            "use another profile with --profile NAME, or name that server: "
                + invocation.at("\(origin)").quoted("logout")
        case .listParties:
            "the party may have been made all the same: look with \(invocation.quoted("list")) before you try again"
        case .createParty: "create one with \(invocation.quoted("create")), or name a party"
        case .joinParty(let id): "join it with \(invocation.quoted("join \(id.word)"))"
        case .leaveParty(let id): "you may still be in the party: \(invocation.quoted("leave \(id.word)"))"
        case .showParty(let id): "see who is in it with \(invocation.quoted("show \(id.word)"))"
        case .openVoice: "get an offer with \(invocation.quoted("voice offer"))"
        case .stopVoice:
            "an earlier bridge of yours may still be up: try \(invocation.quoted("voice stop")), or wait a minute"
        case .releaseVoice:
            "take it down with \(invocation.quoted("voice stop")), or let this run do so with --take-over"
        case .takeDownVoice: "take it down with \(invocation.quoted("voice stop"))"
        case .takeOverVoice: "end that run first, or have it end with --take-over"
        case .configureClient, .checkClient, .useOneServer, .renewAccessToken, .correctAccessToken: settingWords
        case .correctTrustFile, .trustServer, .trustProxy, .trustIssuer: trustWords
        case .separateEngineWords: "give the program and its arguments behind --, each as a word of its own"
        }
    }

    /// Remedies that are settings: they name variables and options, no command.
    private var settingWords: String {
        switch self {
        case .configureClient: "set PSPARTY_CLIENT_ID and PSPARTY_CLIENT_SECRET; psparty ships none"
        case .checkClient: "check PSPARTY_CLIENT_ID and PSPARTY_CLIENT_SECRET: the service does not know this pair"
        case .useOneServer: "name one server with --server, or the same in every hosts.* key"
        case .renewAccessToken: "PSPARTY_ACCESS_TOKEN has expired or lacks a scope; set another one"
        default: "PSPARTY_ACCESS_TOKEN must hold an access token of the service, a JWT"
        }
    }

    private var trustWords: String {
        switch self {
        case .correctTrustFile: "--ca-file and PSPARTY_CA_FILE take a file of PEM certificates"
        case .trustProxy: "if you trust the proxy's certificate authority, name its PEM file with --ca-file"
        case .trustIssuer(let issuer):
            "the server left out the certificate of its issuer, \(issuer.name)"
                + (issuer.addresses.first.map { " (it should lie at \($0))" } ?? "")
                + ": if you trust it, name a PEM file that holds it with --ca-file"
        default: "if you trust this server's certificate authority, name its PEM file with --ca-file"
        }
    }
}

extension PartyID {
    fileprivate var word: String { text.displayed.shellWord }
}

extension PartyError {
    /// The error with its remedy put into words, where it has no hint of its own.
    func worded(for invocation: Invocation) -> PartyError {
        guard hint == nil, let remedy else { return self }
        var error = self
        error.hint = remedy.words(invocation)
        return error
    }
}
