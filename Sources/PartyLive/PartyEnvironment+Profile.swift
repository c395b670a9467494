internal import FoundationEssentials
public import PartyCore

extension PartyEnvironment {
    /// Makes an environment with the network, the clocks and the randomness of this machine, and the files of one profile.
    ///
    /// The profile's sign-in is the one that `psparty login --profile NAME` stored, and it is shared with `psparty`: tokens are
    /// refreshed once for all processes, and one process holds the push connection for all. The library does not read psparty's
    /// config file. It reads these variables:
    ///
    /// - `PSPARTY_STATE_HOME`: the state folder. Without it: `psparty` in `XDG_STATE_HOME`, or `.local/state/psparty` in `HOME`.
    /// - `PSPARTY_PROFILE`: the profile, if the parameter does not name one.
    /// - `PSPARTY_SERVER`: another server, such as the simulator: `https://host[:port]`, or `http` on this machine. A sign-in is
    ///   sent only to the server that issued it.
    /// - `PSPARTY_CA_FILE`: a PEM file with certificate authorities to trust besides those of the system.
    /// - `PSPARTY_CLIENT_ID` and `PSPARTY_CLIENT_SECRET`: the OAuth client, needed to sign in and to refresh tokens.
    /// - `PSPARTY_ACCESS_TOKEN`: a token to use unchanged. No file of the profile is read or written then.
    /// - `HTTPS_PROXY`, `NO_PROXY` and the like, `SSL_CERT_FILE`, `SSL_CERT_DIR`.
    ///
    /// The call itself opens no file and no connection.
    ///
    /// - Parameter profile: 1 to 64 letters, digits, `.`, `_` or `-`, without a dot in front. `nil`: the variable's, else
    ///   `default`.
    /// - Parameter variables: the process environment. `nil`: the one of this process.
    /// - Parameter userAgent: the header `User-Agent` of requests that have none of their own.
    /// - Parameter trace: receives each step; it must not block.
    /// - Throws: `PartyError` of kind `.configuration` if the profile's name or the server's origin cannot be used.
    public static func live(
        profile: String? = nil, variables: [String: String]? = nil, userAgent: String = "PartyCore", trace: Trace? = nil
    ) throws(PartyError) -> PartyEnvironment {
        let variables = variables ?? ProcessInfo.processInfo.environment
        func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        let settings = try ServiceSettings(profile: profile ?? variable("PSPARTY_PROFILE") ?? "default", variable)
        let place = ProfilePlace(variables: variables, profile: settings.profile)
        var environment = PartyEnvironment(
            settings: settings,
            transport: LiveTransport(
                LiveTransportOptions(
                    caFile: variable("PSPARTY_CA_FILE"), environment: variables, userAgent: userAgent)),
            store: place.store, clock: .live, random: .live, trace: trace)
        environment.share = place.share(hasOwnToken: settings.accessToken != nil)
        environment.voiceShare = place.voiceShare
        return environment
    }
}

extension ServiceSettings {
    fileprivate init(profile: String, _ variable: (String) -> String?) throws(PartyError) {
        guard FileStore.isProfileName(profile) else {
            throw PartyError(
                .configuration, "a profile cannot be named \(profile)", step: "configuration",
                hint: "use 1 to 64 letters, digits, dots, dashes or underscores, with no dot in front")
        }
        self.init()
        self.profile = profile
        if let server = variable("PSPARTY_SERVER") {
            guard let hosts = ServiceHosts(origin: server), ServiceHosts.problem(withOrigin: server) == nil else {
                throw PartyError(
                    .configuration,
                    "PSPARTY_SERVER: \(ServiceHosts.problem(withOrigin: server) ?? "\(server) is no origin")",
                    step: "configuration", hint: "name it like https://127.0.0.1:8443, without a path")
            }
            self.hosts = hosts
        }
        if let id = variable("PSPARTY_CLIENT_ID"), let secret = variable("PSPARTY_CLIENT_SECRET") {
            oauthClient = OAuthClient(id: id, secret: Redacted(secret))
        }
        accessToken = variable("PSPARTY_ACCESS_TOKEN").map { Redacted($0) }
    }
}
