import PartyCore
import PartyLive

/// The keys of the config file.
enum ConfigKey: String, CaseIterable, Sendable {
    case profile
    case server
    case caFile = "ca-file"
    case clientID = "client-id"
    case clientSecret = "client-secret"
    case redirectURI = "redirect-uri"
    case scope
    case color
    case userAgent = "user-agent"
    case hostsAuthorization = "hosts.authorization"
    case hostsMobile = "hosts.mobile"
    case hostsWeb = "hosts.web"
    case hostsPushLookup = "hosts.push-lookup"
    case hostsLegacyProfile = "hosts.legacy-profile"
    case hostsDevices = "hosts.devices"
    case pushAppType = "push.app-type"
    case pushAppVersion = "push.app-version"
    case pushOSVersion = "push.os-version"
    case voiceTitle = "voice.title"
    case voiceLinkDelay = "voice.link-delay"
    case voicePeerDelay = "voice.peer-delay"
    case tlsFetchIssuers = "tls.fetch-issuers"

    /// The environment variable that overrides the file.
    var variable: String? {
        switch self {
        case .profile: "PSPARTY_PROFILE"
        case .server: "PSPARTY_SERVER"
        case .caFile: "PSPARTY_CA_FILE"
        case .clientID: "PSPARTY_CLIENT_ID"
        case .clientSecret: "PSPARTY_CLIENT_SECRET"
        default: nil
        }
    }

    /// A secret is printed only by `config get` and never read from an argument.
    var isSecret: Bool { self == .clientSecret }

    /// The value for use. Line ends and white space around a secret are removed.
    func cleaned(_ value: String) -> String { isSecret ? value.trimmed : value }

    var defaultValue: String? {
        let hosts = ServiceHosts()
        let words = PushClientWords()
        let voice = VoiceSettings()
        switch self {
        case .profile: return ServiceSettings().profile
        case .server, .caFile, .clientID, .clientSecret: return nil
        case .redirectURI: return OAuthClient.defaultRedirectURI
        case .scope: return OAuthClient.defaultScope
        case .color: return ColorChoice.auto.rawValue
        case .userAgent: return "psparty/\(Version.number)"
        case .hostsAuthorization: return hosts.authorization
        case .hostsMobile: return hosts.mobile
        case .hostsWeb: return hosts.web
        case .hostsPushLookup: return hosts.pushLookup
        case .hostsLegacyProfile: return hosts.legacyProfile
        case .hostsDevices: return hosts.devices
        case .pushAppType: return words.appType
        case .pushAppVersion: return words.appVersion
        case .pushOSVersion: return words.osVersion
        case .voiceTitle: return voice.bridgeTitle
        case .voiceLinkDelay: return "\(voice.linkDelay.inMilliseconds)ms"
        case .voicePeerDelay: return "\(voice.peerDelay.inMilliseconds)ms"
        case .tlsFetchIssuers: return "auto"
        }
    }

    /// - Throws: the problem with the value, and the expected form.
    func check(_ value: String) throws(BadValue) {
        switch self {
        case .profile:
            guard !FileStore.isProfileName(value) else { return }
            throw BadValue(
                "\(value) is not a valid profile name",
                hint: "use 1 to 64 letters, digits, dots, dashes or underscores; the first character must not be a dot")
        case .server, .hostsAuthorization, .hostsMobile, .hostsWeb, .hostsPushLookup, .hostsLegacyProfile,
            .hostsDevices:
            guard let problem = ServiceHosts.problem(withOrigin: value) else { return }
            throw BadValue(problem, hint: "write it like https://127.0.0.1:8443, without a path")
        case .color:
            guard ColorChoice(rawValue: value) == nil else { return }
            throw BadValue("\(value) is not a valid value", hint: "use auto, always or never")
        case .tlsFetchIssuers:
            guard !["auto", "never"].contains(value) else { return }
            throw BadValue("\(value) is not a valid value", hint: "use auto or never")
        case .redirectURI:
            guard !value.contains(":") || value.contains(where: \.isWhitespace) else { break }
            throw BadValue("\(value) is not a valid URI", hint: "write it like scheme://redirect")
        case .caFile: return try checkPath(value)
        case .voiceLinkDelay, .voicePeerDelay:
            guard DurationArgument(argument: value).map({ $0.duration <= .seconds(60) }) != true else { return }
            throw BadValue("\(value) is not a duration of at most one minute", hint: "write it like 600ms or 1s")
        case .clientID, .clientSecret:
            if !value.isEmpty { return try SecretText.check(value) }
        case .scope, .userAgent, .pushAppType, .pushAppVersion, .pushOSVersion,
            .voiceTitle:
            break
        }
        // The value is used in headers and URLs, where a line break would start another header.
        guard !value.isEmpty, value.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            throw BadValue("the value is empty or contains characters other than printable ASCII", hint: nil)
        }
    }

    private func checkPath(_ value: String) throws(BadValue) {
        guard value.isEmpty || value.utf8.contains(where: { $0 < 0x20 }) else { return }
        throw BadValue("the value is not a valid file path", hint: nil)
    }

    /// The file must contain absolute paths, because a relative path would depend on the current folder.
    func checkForFile(_ value: String) throws(BadValue) {
        if self == .caFile, !value.hasPrefix("/") {
            throw BadValue("\(value) is not an absolute path", hint: "write the full path, starting with /")
        }
        try check(value)
    }

    /// The key that the user probably meant.
    static func nearest(to word: String) -> ConfigKey? {
        nearestWord(to: word, among: allCases.map(\.rawValue)).flatMap(ConfigKey.init(rawValue:))
    }
}

/// Why a value is invalid. The message may contain the value, but never a secret.
struct BadValue: Error, Equatable {
    let problem: String
    let hint: String?

    init(_ problem: String, hint: String?) {
        self.problem = problem
        self.hint = hint
    }
}
