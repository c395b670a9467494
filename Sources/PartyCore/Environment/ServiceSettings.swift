/// One base address for each host of the service, so that each can be exchanged (docs/protocol.md, 1). None ends in `/`.
public struct ServiceHosts: Sendable, Equatable {
    /// OAuth and the NPSSO page.
    public var authorization = "https://ca.account.sony.com"
    /// Parties, bridges, profiles, share links.
    public var mobile = "https://m.np.playstation.com"
    /// What a share link points to.
    public var web = "https://web.np.playstation.com"
    /// Where the push socket is.
    public var pushLookup = "https://mobile-pushcl.np.communication.playstation.net"
    /// The account of an online id.
    public var legacyProfile = "https://us-prof.np.community.playstation.net"
    /// The devices of an account.
    public var devices = "https://dms.api.playstation.com"
    /// `wss://host:port` that stands in for whatever address the push look-up names; `nil` outside of tests.
    public var push: String?

    /// The hosts of the real service.
    public init() {}

    /// One origin that stands in for every host; paths stay as they are.
    /// - Parameter origin: `https://host[:port]`, or `http` to a loopback address.
    /// - Returns: `nil` where it is no origin: another scheme, a path, a query, no host.
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

    /// The server that issues tokens; `nil` where its base is none.
    package var issuer: ServiceOrigin? { ServiceOrigin(authorization) }

    /// The server whose state an account's requests change: the one that issues tokens, but where a single host was
    /// exchanged, as a token of the caller's own allows.
    package var served: ServiceOrigin? {
        guard let issuer, let mobile = ServiceOrigin(mobile) else { return nil }
        return issuer.issuesTokens(for: mobile) ? issuer : mobile
    }

    /// The first host that tokens of `origin` must not be sent to; `nil` where all of them are of the same service.
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

/// The OAuth client, brought by the user: the project ships none.
public struct OAuthClient: Sendable, Equatable {
    /// The client's id.
    public let id: String
    /// The client's secret, for the token endpoint alone.
    public let secret: Redacted<String>
    /// Must be the one registered for the client; by default that of the mobile app.
    public var redirectURI = defaultRedirectURI
    /// What is asked for, words separated by spaces (docs/protocol.md, 2.1).
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

/// The words a client says about itself on the push upgrade (docs/protocol.md, 7.2).
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

/// How the bridge service is spoken to (docs/protocol.md, 5).
public struct VoiceSettings: Sendable, Equatable {
    /// `X-PSN-RTC-TITLE-ID`: what the client calls itself.
    public var bridgeTitle = "METROPOL_AND"
    /// The pause between making a bridge and linking it to the party session, as the captured client keeps it.
    public var linkDelay: Duration = .milliseconds(600)
    /// The pause before our place on the bridge is asked for.
    public var peerDelay: Duration = .milliseconds(500)

    /// The values of the app that was captured.
    public init() {}
}

/// Everything about the service and the account that is configured rather than found out.
public struct ServiceSettings: Sendable {
    /// Where everything is.
    public var hosts = ServiceHosts()
    /// Needed to sign in and to refresh; `nil` until the user brings one.
    public var oauthClient: OAuthClient?
    /// Use this token, touch no token file, never refresh.
    public var accessToken: Redacted<String>?
    /// What we say about ourselves on the push upgrade.
    public var pushClient = PushClientWords()
    /// How we speak to the bridge service.
    public var voice = VoiceSettings()
    /// Whether certificates that servers leave out of their chains are fetched from where the chain says they lie.
    public var fetchesIssuers = true
    /// The name under which account and state are kept.
    public var profile = "default"

    /// The settings of the real service, without an OAuth client.
    public init() {}
}
