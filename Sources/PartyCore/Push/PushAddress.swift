/// Where the push socket is to be opened, and how to keep it alive (docs/protocol.md, 7.1).
package struct PushAddress: Sendable, Equatable {
    package let url: String
    package let dialect: PushDialect
    package let keepAlive: KeepAlive

    /// Reads the answer of the address look-up.
    /// - Throws: `PartyError` where it names no host, or one that must not see a token.
    package init(_ body: [UInt8], dialect: PushDialect, hosts: ServiceHosts) throws(PartyError) {
        let json: JSONView
        do throws(CodecError) { json = try JSONDocument(body).root } catch {
            throw PartyError(error, step: "push look-up")
        }
        guard let host = json["fqdn"]?.text else {
            throw PartyError(.protocolViolation, "push look-up: the answer names no host", step: "push look-up")
        }
        if hosts.push == nil, !Self.isOfService(host) {
            throw PartyError(
                .protocolViolation,
                "push look-up: the service names a host outside of playstation.net; it gets no token",
                step: "push look-up")
        }
        url = (hosts.push ?? "wss://\(host)") + "/np/pushNotification"
        self.dialect = dialect
        keepAlive = KeepAlive(json["keepAliveStatus"])
    }

    /// A bare host name of the service: no port, no path, no user.
    private static func isOfService(_ host: String) -> Bool {
        // First of all ASCII: letters of other scripts may have an ASCII one as their small form.
        guard host.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        let labels = host.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { $0 == 0x2D || $0 &- 0x30 < 10 || $0 &- 0x61 < 26 }
        }
        return isName && labels.count > 2 && labels.suffix(2) == ["playstation", "net"]
    }
}

/// When to ping and how long silence may last, as the service asks.
package struct KeepAlive: Sendable, Equatable {
    /// From one ping to the next.
    package let pingInterval: Duration
    /// From a ping to the first byte after it.
    package let answerTimeout: Duration

    package init(pingInterval: Duration, answerTimeout: Duration) {
        self.pingInterval = pingInterval
        self.answerTimeout = answerTimeout
    }

    /// What the service asks, made stricter where its values are lax: a dead socket shall be noticed within 40 s.
    init(_ json: JSONView?) {
        let asked = json?["clientKeepAliveInterval"]?.integer ?? 60_000
        let timeout = json?["clientKeepAliveTimeout"]?.integer ?? 10_000
        pingInterval = .milliseconds(min(max(asked, 100), 30_000))
        answerTimeout = .milliseconds(min(max(timeout, 100), 10_000))
    }
}
