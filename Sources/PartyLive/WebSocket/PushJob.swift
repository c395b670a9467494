import PartyCore

/// A push request with all that is decided about it before any library sees it.
struct PushJob: Sendable {
    let request: PushRequest
    let target: TargetURL
    let trust: TrustStore
    let userAgent: String

    /// - Throws: what libwebsockets 4.1 cannot do, or would do wrongly without saying so: `.unusable` where a setting is the
    ///   reason, `.malformed` where the service has named such a host.
    init(request: PushRequest, target: TargetURL, trust: TrustStore, userAgent: String) throws(TransportError) {
        // It cuts the name it checks the certificate for at the first colon.
        if target.scheme.isSecure && target.host.contains(":") {
            throw TransportError(.unusable, .preparing, "push to an IPv6 address is not supported, use a host name")
        }
        if target.host.utf8.count > 120 {
            throw TransportError(
                .malformed, .preparing, "the push host name is too long: \(target.host.utf8.count) bytes")
        }
        self.request = request
        self.target = target
        self.trust = trust
        self.userAgent = userAgent
    }

    /// The headers of the upgrade request beyond libwebsockets' own.
    var headers: [HeaderField] {
        let hasAgent = request.headers.contains { $0.name.lowercased() == "user-agent" }
        return request.headers + (hasAgent ? [] : [HeaderField("User-Agent", userAgent)])
    }
}
