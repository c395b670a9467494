import PartyCore

/// A push request with its target, trust and user agent.
struct PushJob: Sendable {
    let request: PushRequest
    let target: TargetURL
    let trust: TrustStore
    let userAgent: String

    /// - Throws: for a target that libwebsockets 4.1 cannot handle, or handles wrongly without an error: `.unusable` if a
    ///   setting names it, `.malformed` if the service does.
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
