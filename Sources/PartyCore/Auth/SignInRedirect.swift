/// The redirect of the authorize call: to the client with a code or a refusal, or to a page that needs the user
/// (docs/protocol.md, 2.1).
struct SignInRedirect {
    private let location: String
    private let fields: [(name: String, value: String)]

    init(_ location: String) {
        self.location = location
        fields = URLText.queryFields(of: location) + URLText.fragmentFields(of: location)
    }

    /// The first field of that name that is not empty.
    func field(_ name: String) -> String? {
        fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// The error of the service in place of a code; `nil` if there is none.
    var refusal: PartyError? {
        guard field("error") != nil || field("error_code") != nil else { return nil }
        let code = field("error_code") ?? ""
        let word = field("error") ?? ""
        guard !code.contains("4165"), word != "login_required" else {
            return PartyError(
                .signIn,
                "the browser, or the NPSSO, is not signed in to the service (\(code.isEmpty ? word : code))",
                step: "sign-in",
                hint: "sign in to the service in a browser first; an NPSSO may have expired: copy a new one")
        }
        let words = field("error_description") ?? field("error") ?? "error \(code)"
        var error = PartyError(.signIn, "sign-in refused: \(words)", step: "sign-in")
        switch word {
        case "consent_required", "interaction_required", "account_selection_required": error.remedy = .signInWithBrowser
        case "invalid_client", "unauthorized_client", "invalid_scope", "invalid_redirect_uri":
            error.remedy = .checkClientRegistration
        case "server_error", "temporarily_unavailable": error.kind = .unreachable
        default: break
        }
        return error
    }

    /// The service's request to the user, by a word in the path of its page.
    private static let wishes: [(word: String, what: String)] = [
        ("consent", "your consent"), ("terms", "its terms accepted"), ("tos", "its terms accepted"),
        ("eula", "its terms accepted"), ("agreement", "its terms accepted"), ("privacy", "your privacy settings"),
        ("verif", "your account verified"), ("2sv", "the second step of the sign-in"),
        ("mfa", "the second step of the sign-in"), ("captcha", "a check that you are a person"),
        ("password", "a new password"), ("signin", "a sign-in"), ("login", "a sign-in"),
    ]

    /// The service's own domains, where its pages are.
    private static let domains = ["sony.com", "playstation.com", "playstation.net", "sonyentertainmentnetwork.com"]

    /// The error for a redirect to a page instead of the client.
    /// - Parameter authorization: the base address of the authorization host, for a location without a host.
    func elsewhere(from authorization: String) -> PartyError {
        let host = Self.host(of: location) ?? Self.host(of: authorization) ?? ""
        let isOfService =
            host == Self.host(of: authorization) || Self.domains.contains { host == $0 || host.hasSuffix("." + $0) }
        guard isOfService else {
            return PartyError(
                .protocolViolation,
                "sign-in: the redirect leads to \(host.prefix(100)), which is not a host of the service",
                step: "sign-in",
                hint:
                    "a proxy or the sign-in page of your network may have answered: open any web page in a browser"
            )
        }
        let path = Self.path(of: location)
        let wish = Self.wishes.first { path.lowercased().contains($0.word) }?.what ?? "something"
        return PartyError(
            .signIn, "sign-in: the service wants \(wish) first, on its page \(host)\(path.prefix(100))",
            step: "sign-in",
            remedy: .signInWithBrowser)
    }

    /// Without user and port; `nil` for a relative address.
    private static func host(of address: String) -> String? {
        guard let start = address.firstRange(of: "//"), !address[..<start.lowerBound].contains("/") else { return nil }
        let authority = address[start.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@").last ?? ""
        return host.prefix { $0 != ":" }.lowercased()
    }

    private static func path(of address: String) -> String {
        let plain = address.prefix { $0 != "?" && $0 != "#" }
        guard let start = plain.firstRange(of: "//"), !plain[..<start.lowerBound].contains("/") else {
            return plain.hasPrefix("/") ? String(plain) : "/" + plain
        }
        return String(plain[start.upperBound...].drop { $0 != "/" })
    }
}
