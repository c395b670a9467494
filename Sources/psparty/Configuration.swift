import PartyCore

/// The settings of one run, gathered from options and environment, option first.
struct Configuration: Sendable {
    var settings: ServiceSettings
    /// `nil` where no variable says where.
    var stateFolder: String?
    var caFile: String?
    var userAgent: String
    var variables: [String: String]

    /// - Throws: `PartyError.Kind.configuration`, naming the option or variable that cannot be used.
    init(options: GlobalOptions, variables: [String: String]) throws(PartyError) {
        func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        settings = ServiceSettings()
        settings.profile = options.profile ?? variable("PSPARTY_PROFILE") ?? "default"
        guard FileStore.isProfileName(settings.profile) else {
            throw PartyError(
                .configuration, "a profile cannot be named \(settings.profile.quoted)", step: "configuration",
                hint: "use 1 to 64 letters, digits, dots, dashes or underscores, with no dot in front")
        }
        if let origin = options.server ?? variable("PSPARTY_SERVER") { settings.hosts = try Self.hosts(origin) }
        if let id = variable("PSPARTY_CLIENT_ID"), let secret = variable("PSPARTY_CLIENT_SECRET") {
            settings.oauthClient = OAuthClient(id: id, secret: Redacted(secret))
        }
        settings.accessToken = variable("PSPARTY_ACCESS_TOKEN").map { Redacted($0) }
        caFile = options.caFile ?? variable("PSPARTY_CA_FILE")
        stateFolder = Self.stateFolder(variable)
        userAgent = "psparty/\(Version.number)"
        self.variables = variables
    }

    private static func hosts(_ origin: String) throws(PartyError) -> ServiceHosts {
        guard let hosts = ServiceHosts(origin: origin) else {
            throw PartyError(
                .configuration, "the server \(origin.quoted) is no origin", step: "configuration",
                hint: "name it like https://127.0.0.1:8443, without a path")
        }
        return hosts
    }

    /// Relative paths are ignored, as the XDG rules ask.
    private static func stateFolder(_ variable: (String) -> String?) -> String? {
        if let own = variable("PSPARTY_STATE_HOME") { return own }
        if let shared = variable("XDG_STATE_HOME"), shared.hasPrefix("/") { return shared + "/psparty" }
        return variable("HOME").map { $0 + "/.local/state/psparty" }
    }
}
