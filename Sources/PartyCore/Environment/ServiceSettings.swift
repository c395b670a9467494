/// The base URL of each host of the service, so that each can be replaced (docs/protocol.md, 1). None ends in `/`.
public struct ServiceHosts: Sendable, Equatable {
    /// OAuth and the NPSSO page.
    public var authorization = "https://ca.account.sony.com"
    /// Parties, bridges, profiles, share links.
    public var mobile = "https://m.np.playstation.com"
    /// The host that share links point to.
    public var web = "https://web.np.playstation.com"
    /// Names the host of the push socket.
    public var pushLookup = "https://mobile-pushcl.np.communication.playstation.net"
    /// Finds the account of an online id.
    public var legacyProfile = "https://us-prof.np.community.playstation.net"
    /// Lists the devices of an account.
    public var devices = "https://dms.api.playstation.com"
    /// Replaces the address that the push look-up names, as `wss://host:port`; `nil` outside of tests.
    public var push: String?

    /// The hosts of the real service.
    public init() {}

    /// One origin for every host, such as a simulator; paths stay the same.
    /// - Parameter origin: `https://host[:port]`, or `http` to a loopback address.
    /// - Returns: `nil` if it is no origin: another scheme, a path, a query, no host.
    public init?(origin: String) {
        guard let scheme = ["https", "http"].first(where: { origin.lowercased().hasPrefix($0 + "://") }) else {
            return nil
        }
        var authority = origin.dropFirst(scheme.count + 3)
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        let isHostAndPort = authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\".utf8.contains($0) }
        guard !authority.isEmpty, isHostAndPort else { return nil }
        let base = "\(scheme)://\(authority)"
        authorization = base
        mobile = base
        web = base
        pushLookup = base
        legacyProfile = base
        devices = base
        push = (scheme == "https" ? "wss" : "ws") + "://\(authority)"
    }
}

extension ServiceHosts {
    /// The bases of every host.
    package var all: [String] { [authorization, mobile, web, pushLookup, legacyProfile, devices] }

    /// The server that issues tokens; `nil` if its base URL is invalid.
    package var issuer: ServiceOrigin? { ServiceOrigin(authorization) }

    /// The server whose state an account's requests change: the one that issues tokens, but where a single host was
    /// exchanged, as a token of the caller's own allows.
    package var served: ServiceOrigin? {
        guard let issuer, let mobile = ServiceOrigin(mobile) else { return nil }
        return issuer.issuesTokens(for: mobile) ? issuer : mobile
    }

    /// The first host that tokens of `origin` must not be sent to; `nil` if all belong to the same service.
    package func stranger(to origin: ServiceOrigin) -> String? {
        guard let issuer, issuer == origin else { return issuer?.description ?? authorization }
        var checked = authorization
        for base in all where base != checked {
            guard let host = ServiceOrigin(base), origin.issuesTokens(for: host) else {
                return ServiceOrigin(base)?.description ?? base
            }
            checked = base
        }
        return nil
    }
}

/// The OAuth client. The user gives it: the project ships none.
public struct OAuthClient: Sendable, Equatable {
    /// The client's id.
    public let id: String
    /// The client's secret, sent only to the token endpoint.
    public let secret: Redacted<String>
    /// The redirect URI registered for the client; by default that of the mobile app.
    public var redirectURI = defaultRedirectURI
    /// The scopes to request, separated by spaces (docs/protocol.md, 2.1).
    public var scope = defaultScope

    /// The redirect of the mobile app.
    public static let defaultRedirectURI = "com.scee.psxandroid.scecompcall://redirect"
    /// The scopes of the mobile app.
    public static let defaultScope = "psn:mobile.v2.core psn:clientapp"

    /// A client with the usual redirect URI and scope.
    public init(id: String, secret: Redacted<String>) {
        self.id = id
        self.secret = secret
    }
}

/// The headers with which a client describes itself on the push upgrade (docs/protocol.md, 7.2).
public struct PushClientWords: Sendable, Equatable {
    /// `X-PSN-APP-TYPE`.
    public var appType = "MOBILE_APP.PSAPP"
    /// `X-PSN-APP-VER`.
    public var appVersion = "26.1.0"
    /// `X-PSN-OS-VER`.
    public var osVersion = "16"

    /// The words of the app that was captured.
    public init() {}
}

/// Values that the client sends to the bridge service, and pauses between requests (docs/protocol.md, 5).
public struct VoiceSettings: Sendable, Equatable {
    /// `X-PSN-RTC-TITLE-ID`: the name of the client.
    public var bridgeTitle = "METROPOL_AND"
    /// The pause between making a bridge and linking it to the party session, as the captured client keeps it.
    public var linkDelay: Duration = .milliseconds(600)
    /// The pause before the request for a place on the bridge.
    public var peerDelay: Duration = .milliseconds(500)

    /// The values of the app that was captured.
    public init() {}
}

/// The configuration: the servers, the OAuth client and the profile.
public struct ServiceSettings: Sendable {
    /// The hosts of the service.
    public var hosts = ServiceHosts()
    /// The OAuth client, needed to sign in and to refresh tokens; `nil` if the user gave none.
    public var oauthClient: OAuthClient?
    /// An access token to use as it is. The token file is not touched, and nothing is refreshed.
    public var accessToken: Redacted<String>?
    /// How the client describes itself on the push upgrade.
    public var pushClient = PushClientWords()
    /// Values for the bridge service.
    public var voice = VoiceSettings()
    /// Whether certificates that a server leaves out of its chain are fetched from the addresses that the chain names.
    public var fetchesIssuers = true
    /// The name of the profile, whose folder has the sign-in and the state.
    public var profile = "default"

    /// The settings of the real service, without an OAuth client.
    public init() {}
}
