/// A push request with all that is decided about it before any library sees it.
struct PushJob: Sendable {
    let request: PushRequest
    let target: TargetURL
    let proxy: Proxy?
    let trust: TrustRoots
    let userAgent: String

    /// - Throws: `.unusable` for what libwebsockets 4.1 cannot do, or would do wrongly without saying so.
    init(
        request: PushRequest, target: TargetURL, proxy: Proxy?, trust: TrustRoots, userAgent: String
    ) throws(TransportError) {
        // It cuts the name it checks the certificate for at the first colon, and the CONNECT request at 255 bytes.
        if target.scheme.isSecure && target.host.contains(":") {
            throw TransportError(.unusable, .preparing, "push to an IPv6 address is not supported, use a host name")
        }
        if target.host.utf8.count > (proxy == nil ? 120 : 90) {
            throw TransportError(.unusable, .preparing, "the push host name is too long")
        }
        if let proxy, proxy.scheme != .http {
            throw TransportError(
                .unusable, .preparing, "push cannot go through a \(proxy.scheme.rawValue) proxy, only through http")
        }
        if let user = proxy?.credentials, user.reveal().utf8.count > 90 {
            throw TransportError(.unusable, .preparing, "the proxy's user name and password are too long for push")
        }
        self.request = request
        self.target = target
        self.proxy = proxy
        self.trust = trust
        self.userAgent = userAgent
    }

    /// The machine that TCP goes to.
    var peer: String {
        proxy?.host ?? target.host
    }

    /// The headers of the upgrade request beyond libwebsockets' own.
    var headers: [HeaderField] {
        let hasAgent = request.headers.contains { $0.name.lowercased() == "user-agent" }
        return request.headers + (hasAgent ? [] : [HeaderField("User-Agent", userAgent)])
    }
}

/// What connections must have in common to share the settings that libwebsockets keeps by virtual host.
struct PushRoute: Sendable, Hashable {
    let trust: TrustRoots
    /// `user:password@host:port` of the proxy, its host numeric; empty for none.
    let proxy: Redacted<String>

    init(_ job: PushJob, peer: String) {
        trust = job.trust
        guard let proxy = job.proxy else {
            self.proxy = Redacted("")
            return
        }
        let user = proxy.credentials.map { $0.reveal().removingPercentEncoding() + "@" } ?? ""
        self.proxy = Redacted(user + Proxy.authority(peer, proxy.port))
    }
}

extension String {
    func removingPercentEncoding() -> String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
