import PartyCore
import PartyLive

/// Everything that can be configured, by its name in the config file.
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

    /// The environment variable that beats the file.
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

    /// Never shown unless it is asked for by name, and never taken from an argument.
    var isSecret: Bool { self == .clientSecret }

    /// The value as it is used: a secret without the line ends and white space that files and shells leave around it.
    func cleaned(_ value: String) -> String { isSecret ? value.withoutOuterSpace : value }

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

    /// - Throws: what is wrong with the value, and what would be right.
    func check(_ value: String) throws(BadValue) {
        switch self {
        case .profile:
            guard !FileStore.isProfileName(value) else { return }
            throw BadValue(
                "a profile cannot be named \(value)",
                hint: "use 1 to 64 letters, digits, dots, dashes or underscores, with no dot in front")
        case .server, .hostsAuthorization, .hostsMobile, .hostsWeb, .hostsPushLookup, .hostsLegacyProfile,
            .hostsDevices:
            guard let problem = ServiceHosts.problem(withOrigin: value) else { return }
            throw BadValue(problem, hint: "name it like https://127.0.0.1:8443, without a path")
        case .color:
            guard ColorChoice(rawValue: value) == nil else { return }
            throw BadValue("\(value) is no choice of colour", hint: "it is auto, always or never")
        case .tlsFetchIssuers:
            guard !["auto", "never"].contains(value) else { return }
            throw BadValue("\(value) is no choice for certificates of issuers", hint: "it is auto or never")
        case .redirectURI:
            guard !value.contains(":") || value.contains(where: \.isWhitespace) else { break }
            throw BadValue("\(value) is no address", hint: "name it like scheme://redirect")
        case .caFile: return try checkPath(value)
        case .voiceLinkDelay, .voicePeerDelay:
            guard DurationArgument(argument: value).map({ $0.duration <= .seconds(60) }) != true else { return }
            throw BadValue("\(value) is no time up to a minute", hint: "write it like 600ms or 1s")
        case .clientID, .clientSecret:
            if !value.isEmpty { return try SecretText.check(value) }
        case .scope, .userAgent, .pushAppType, .pushAppVersion, .pushOSVersion,
            .voiceTitle:
            break
        }
        // It goes into headers and addresses, where a line break would start something else.
        guard !value.isEmpty, value.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            throw BadValue("the value is empty or holds other than printable ASCII characters", hint: nil)
        }
    }

    private func checkPath(_ value: String) throws(BadValue) {
        guard value.isEmpty || value.utf8.contains(where: { $0 < 0x20 }) else { return }
        throw BadValue("that is no path of a file", hint: nil)
    }

    /// In a file a relative path would mean another file in each folder that psparty is called from.
    func checkForFile(_ value: String) throws(BadValue) {
        if self == .caFile, !value.hasPrefix("/") {
            throw BadValue("\(value) is no absolute path", hint: "write it from the root on: /…")
        }
        try check(value)
    }

    /// What one may have meant by a word that is no key.
    static func nearest(to word: String) -> ConfigKey? {
        nearestWord(to: word, among: allCases.map(\.rawValue)).flatMap(ConfigKey.init(rawValue:))
    }
}

/// Why a value cannot be used. The words may hold the value, but none of a secret.
struct BadValue: Error, Equatable {
    let problem: String
    let hint: String?

    init(_ problem: String, hint: String?) {
        self.problem = problem
        self.hint = hint
    }
}
