import PartyCore
import PartyLive

/// The configuration of one run: settings from options, environment and config file, converted for use.
struct Configuration: Sendable {
    let values: Settings
    var settings: ServiceSettings
    /// `nil` if no environment variable names a folder.
    var stateFolder: String?
    var caFile: String?
    var userAgent: String
    var color: ColorChoice
    var variables: [String: String]
    /// Whether `--profile` overrides a profile from the environment or the config file.
    let hidesOtherProfile: Bool

    /// - Throws: `.configuration`, which names the invalid option, variable or line.
    init(
        options: GlobalOptions, variables: [String: String], entries: [ConfigText.Entry] = []
    ) throws(PartyError) {
        let values = try Settings(options: options, variables: variables, entries: entries)
        self.values = values
        settings = ServiceSettings(values)
        settings.accessToken = try Self.accessToken(variables)
        caFile = values.value(.caFile)
        stateFolder = ProfilePlace(variables: variables, profile: settings.profile).stateFolder
        userAgent = values.value(.userAgent) ?? ""
        color = values.value(.color).flatMap(ColorChoice.init) ?? .auto
        self.variables = variables
        hidesOtherProfile =
            options.profile != nil
            && (variables["PSPARTY_PROFILE"]?.isEmpty == false || entries.contains { $0.key == .profile })
    }

    /// - Throws: `.configuration` if the variable's value cannot be a token.
    private static func accessToken(_ variables: [String: String]) throws(PartyError) -> Redacted<String>? {
        let name = "PSPARTY_ACCESS_TOKEN"
        let value = (variables[name] ?? "").trimmed
        guard !value.isEmpty else { return nil }
        do throws(BadValue) { try SecretText.check(value) } catch {
            throw PartyError(.configuration, "\(name): \(error.problem)", step: "configuration", hint: error.hint)
        }
        return Redacted(value)
    }

    /// The place of the profile's files.
    var place: ProfilePlace { ProfilePlace(stateFolder: stateFolder, profile: settings.profile) }
}

extension Configuration {
    /// Variables that hold a secret.
    static let secretVariables = ["PSPARTY_ACCESS_TOKEN", "PSPARTY_CLIENT_SECRET", "PSPARTY_NPSSO"]

    /// The environment of a child program: ours without the secrets. Options become the matching variables, so that a
    /// `psparty` called by the program uses the same profile, server and trusted CAs.
    var childVariables: [String: String] {
        var variables = variables.filter { !Self.secretVariables.contains($0.key) }
        for key in [ConfigKey.profile, .server, .caFile] where values[key].source == .option {
            guard let name = key.variable, let value = values.value(key) else { continue }
            // The child may run in another folder.
            variables[name] = key == .caFile ? absolutePath(value) : value
        }
        return variables
    }
}

extension ServiceSettings {
    fileprivate init(_ values: Settings) {
        self.init()
        profile = values.value(.profile) ?? profile
        hosts = ServiceHosts(values)
        if let id = values.value(.clientID), let secret = values[.clientSecret].value {
            var client = OAuthClient(id: id, secret: secret)
            client.redirectURI = values.value(.redirectURI) ?? client.redirectURI
            client.scope = values.value(.scope) ?? client.scope
            oauthClient = client
        }
        pushClient.appType = values.value(.pushAppType) ?? pushClient.appType
        pushClient.appVersion = values.value(.pushAppVersion) ?? pushClient.appVersion
        pushClient.osVersion = values.value(.pushOSVersion) ?? pushClient.osVersion
        fetchesIssuers = values.value(.tlsFetchIssuers) != "never"
        voice.bridgeTitle = values.value(.voiceTitle) ?? voice.bridgeTitle
        voice.linkDelay = values.duration(.voiceLinkDelay) ?? voice.linkDelay
        voice.peerDelay = values.duration(.voicePeerDelay) ?? voice.peerDelay
    }
}

extension Settings {
    fileprivate func duration(_ key: ConfigKey) -> Duration? {
        value(key).flatMap(DurationArgument.init)?.duration
    }
}

extension ServiceHosts {
    /// A configured server replaces all hosts.
    fileprivate init(_ values: Settings) {
        self.init()
        /// The origin without a trailing slash.
        func base(_ key: ConfigKey, _ standard: String) -> String {
            values.value(key).flatMap { ServiceHosts(origin: $0)?.mobile } ?? standard
        }
        authorization = base(.hostsAuthorization, authorization)
        mobile = base(.hostsMobile, mobile)
        web = base(.hostsWeb, web)
        pushLookup = base(.hostsPushLookup, pushLookup)
        legacyProfile = base(.hostsLegacyProfile, legacyProfile)
        devices = base(.hostsDevices, devices)
        if let server = values.value(.server), let all = ServiceHosts(origin: server) { self = all }
    }
}
