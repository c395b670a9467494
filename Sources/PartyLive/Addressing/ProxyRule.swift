import PartyCore

/// The proxy for an address, by curl's rules for environment variables, for REST and push.
enum ProxyRule {
    /// - Parameter mayBePlain: whether others may see a request in plain text.
    /// - Throws: `.unusable` if the variable is not a proxy address.
    static func proxy(
        for target: TargetURL, _ environment: [String: String], mayBePlain: Bool = false
    ) throws(TransportError) -> Proxy? {
        guard !isExempt(target, environment) else { return nil }
        // HTTP_PROXY in capitals can be set by a request to a CGI program, so curl ignores it, and so do we.
        let own = target.scheme.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        for name in own + ["all_proxy", "ALL_PROXY"] {
            guard let text = environment[name], !text.isEmpty else { continue }
            guard let proxy = Proxy(text) else {
                throw TransportError(.unusable, .preparing, "\(name) is not a usable proxy address")
            }
            // Plain text is for this machine: no proxy elsewhere may see it.
            return target.scheme.isSecure || mayBePlain || proxy.isLoopback ? proxy : nil
        }
        return nil
    }

    private static func isExempt(_ target: TargetURL, _ environment: [String: String]) -> Bool {
        let names = ["no_proxy", "NO_PROXY"].compactMap { environment[$0] }
        guard let list = names.first(where: { !$0.isEmpty }) else { return false }
        let entries = list.split { $0 == "," || $0.isWhitespace }
        return entries.contains { entry in
            // curl knows no ports here, but Go and Python do.
            let (host, port) = parts(of: entry)
            return (port == nil || port == target.port) && covers(host, target.host)
        }
    }

    /// Matches a host, suffix or network, with an optional port; an IPv6 address with a port needs brackets.
    private static func parts(of entry: Substring) -> (host: Substring, port: UInt16?) {
        guard let colon = entry.lastIndex(of: ":"), let port = UInt16(entry[colon...].dropFirst()) else {
            return (entry, nil)
        }
        let host = entry[..<colon]
        return host.contains(":") && !host.hasSuffix("]") ? (entry, nil) : (host, port)
    }

    private static func covers(_ entry: Substring, _ host: String) -> Bool {
        if entry == "*" { return true }
        if let address = IPAddress(host) { return covers(entry, address) }
        return covers(entry, host.hasSuffix(".") ? host.dropLast() : host[...])
    }

    private static func covers(_ entry: Substring, _ address: IPAddress) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let literal = parts.first else { return false }
        let bare = literal.hasPrefix("[") && literal.hasSuffix("]") ? literal.dropFirst().dropLast() : literal
        guard let network = IPAddress(bare) else { return false }
        guard parts.count == 2 else { return network == address }
        guard let bits = Int(parts[1]) else { return false }
        return address.hasPrefix(bits, of: network)
    }

    /// Matches a whole name, or its end after a dot. A leading star means at least one label.
    private static func covers(_ entry: Substring, _ name: Substring) -> Bool {
        var suffix = entry.lowercased()[...]
        if suffix.hasSuffix(".") { suffix = suffix.dropLast() }
        let needsMore = suffix.hasPrefix("*.")
        if needsMore { suffix = suffix.dropFirst() }
        if suffix.hasPrefix(".") { suffix = suffix.dropFirst() }
        guard !suffix.isEmpty else { return false }
        let name = name.lowercased()
        return !needsMore && name == suffix || name.hasSuffix("." + suffix)
    }
}

/// A proxy from the environment.
struct Proxy: Sendable, Equatable {
    enum Scheme: String, Sendable {
        case http, https, socks4, socks4a, socks5, socks5h
    }

    let scheme: Scheme
    let host: String
    let port: UInt16
    /// `user:password` or `user`, percent-encoded.
    let credentials: Redacted<String>?

    init?(_ text: String) {
        var rest = text[...]
        if let separator = text.firstIndex(of: ":"), text[separator...].hasPrefix("://") {
            guard let named = Scheme(rawValue: text[..<separator].lowercased()) else { return nil }
            scheme = named
            rest = text[separator...].dropFirst(3)
        } else {
            scheme = .http
        }
        rest = rest.prefix { $0 != "/" }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let at = rest.lastIndex(of: "@")
        credentials = at.map { Redacted(Self.encoded(rest[..<$0])) }
        guard let address = HostPort(at.map { rest[$0...].dropFirst() } ?? rest) else { return nil }
        host = address.host
        port = address.port ?? (scheme == .https ? 443 : 1080)
    }

    /// The percent-encoded form that every parser reads alike: encoded characters stay, all others are encoded, also a
    /// percent sign that encodes nothing.
    private static func encoded(_ credentials: Substring) -> String {
        func isHex(_ byte: UInt8) -> Bool {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || 0x61...0x66 ~= byte | 0x20
        }
        let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.map { part in
            var rest = part.utf8[...]
            var text = ""
            while let byte = rest.popFirst() {
                let digits = rest.prefix(2)
                if byte == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy(isHex) {
                    text += "%" + String(decoding: digits, as: UTF8.self)
                    rest = rest.dropFirst(2)
                } else {
                    text += URLText.encode(String(decoding: [byte], as: UTF8.self))
                }
            }
            return text
        }.joined(separator: ":")
    }

    var isLoopback: Bool {
        host == "localhost" || IPAddress(host)?.isLoopback == true
    }

    /// `host:port`, with brackets where IPv6 needs them.
    static func authority(_ host: String, _ port: UInt16) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// The whole address with the credentials, for libcurl.
    var address: Redacted<String> {
        let user = credentials.map { $0.reveal() + "@" } ?? ""
        return Redacted("\(scheme.rawValue)://\(user)\(Self.authority(host, port))")
    }
}
