/// One base address for each host of the service, so that each can be exchanged (docs/protocol.md, 1). None ends in `/`.
public struct ServiceHosts: Sendable, Equatable {
    public var authorization = "https://ca.account.sony.com"
    public var mobile = "https://m.np.playstation.com"
    public var web = "https://web.np.playstation.com"
    public var pushLookup = "https://mobile-pushcl.np.communication.playstation.net"
    public var legacyProfile = "https://us-prof.np.community.playstation.net"
    public var devices = "https://dms.api.playstation.com"
    /// `wss://host:port` that stands in for whatever address the push look-up names; `nil` outside of tests.
    public var push: String?

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

/// The OAuth client, brought by the user: the project ships none.
public struct OAuthClient: Sendable, Equatable {
    public let id: String
    public let secret: Redacted<String>
    /// Must be the one registered for the client; by default that of the mobile app.
    public var redirectURI = defaultRedirectURI
    public var scope = defaultScope

    public static let defaultRedirectURI = "com.scee.psxandroid.scecompcall://redirect"
    public static let defaultScope = "psn:mobile.v2.core psn:clientapp"

    public init(id: String, secret: Redacted<String>) {
        self.id = id
        self.secret = secret
    }
}

/// The words a client says about itself on the push upgrade (docs/protocol.md, 7.2).
public struct PushClientWords: Sendable, Equatable {
    public var appType = "MOBILE_APP.PSAPP"
    public var appVersion = "26.1.0"
    public var osVersion = "16"

    public init() {}
}

/// Everything about the service and the account that is configured rather than found out.
public struct ServiceSettings: Sendable {
    public var hosts = ServiceHosts()
    public var oauthClient: OAuthClient?
    /// Use this token, touch no token file, never refresh.
    public var accessToken: Redacted<String>?
    public var pushClient = PushClientWords()
    public var profile = "default"

    public init() {}
}
