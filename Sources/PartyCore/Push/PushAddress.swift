/// Where the push socket is to be opened, and how to keep it alive (docs/protocol.md, 7.1).
package struct PushAddress: Sendable, Equatable {
    package let url: String
    /// With the keep-alive type that holds on the socket.
    package internal(set) var dialect: PushDialect
    package internal(set) var keepAlive: KeepAlive

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

/// When to ping, how long silence may last, and how long the service holds our place after a loss: as the service asks.
package struct KeepAlive: Sendable, Equatable {
    /// From one ping to the next.
    package let pingInterval: Duration
    /// From a ping to the first byte after it.
    package let answerTimeout: Duration
    /// From a loss to the moment at which the service takes us for gone.
    package let presenceTimeout: Duration

    /// Where the service says nothing that makes sense.
    package static let defaultPresence: Duration = .seconds(30)
    private static let shortestInterval: Duration = .seconds(1)
    private static let longestInterval: Duration = .seconds(30)
    private static let longestAnswer: Duration = .seconds(10)

    package init(pingInterval: Duration, answerTimeout: Duration, presenceTimeout: Duration = defaultPresence) {
        self.pingInterval = pingInterval
        self.answerTimeout = answerTimeout
        self.presenceTimeout = presenceTimeout
    }

    /// What `keepAliveStatus` asks, made stricter where its values are lax: a dead socket shall be noticed within 40 s, and
    /// the service shall hear from us twice before our silence is too long for it.
    package init(_ json: JSONView?) {
        func time(_ name: String) -> Duration? { AnnouncedTime.keepAlive.read(json?[name]) }
        let halfOfTimeout = time("serverKeepAliveTimeout").map { max($0 / 2, Self.shortestInterval) }
        pingInterval = min(
            time("clientKeepAliveInterval") ?? Self.longestInterval, halfOfTimeout ?? Self.longestInterval,
            Self.longestInterval)
        answerTimeout = min(time("clientKeepAliveTimeout") ?? Self.longestAnswer, Self.longestAnswer)
        presenceTimeout = time("serverPresenceTimeout") ?? Self.defaultPresence
    }
}
