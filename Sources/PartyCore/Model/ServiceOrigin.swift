/// Scheme, host and port of a server, in one spelling: lower case, no default port, no trailing slash, IPv6 as RFC 5952
/// writes it. Two origins are the same server if and only if they are equal.
public struct ServiceOrigin: Sendable, Hashable, CustomStringConvertible {
    /// `https://host` or `https://host:port`.
    public let description: String
    package let isSecure: Bool
    /// An IPv6 address is without its brackets.
    let host: String
    let port: UInt16

    /// The server at which the real service issues tokens (docs/protocol.md, 1).
    package static let realService = ServiceOrigin(isSecure: true, host: "ca.account.sony.com", port: 443)

    /// The origin of an address; a web socket has that of its upgrade request.
    /// - Returns: `nil` for another scheme, a user name, no host, or an invalid port.
    public init?(_ address: String) {
        guard let separator = address.firstIndex(of: ":"), address[separator...].hasPrefix("://") else { return nil }
        let isSecure: Bool
        switch address[..<separator].lowercased() {
        case "https", "wss": isSecure = true
        case "http", "ws": isSecure = false
        default: return nil
        }
        let authority = address[separator...].dropFirst(3).prefix { !"/?#\\".contains($0) }
        guard let (host, port) = Self.hostAndPort(authority, standard: isSecure ? 443 : 80) else { return nil }
        self.init(isSecure: isSecure, host: host, port: port)
    }

    private init(isSecure: Bool, host: String, port: UInt16) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        let name = host.contains(":") ? "[\(host)]" : host
        let number = port == (isSecure ? 443 : 80) ? "" : ":\(port)"
        description = (isSecure ? "https://" : "http://") + name + number
    }

    /// Whether it is a server on this machine.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { $0 &- 0x30 < 10 } && UInt8(part) != nil
            }
    }

    /// Whether a token that this server issued may be sent to the other: to the same origin, and from the real service to all its hosts.
    package func issuesTokens(for other: ServiceOrigin) -> Bool {
        self == other || isOfRealService && other.isOfRealService
    }

    private static let domains = [
        "playstation.com", "playstation.net", "account.sony.com", "sonyentertainmentnetwork.com",
    ]

    private var isOfRealService: Bool {
        isSecure && port == 443 && Self.domains.contains { host == $0 || host.hasSuffix("." + $0) }
    }

    private static func hostAndPort(_ text: Substring, standard: UInt16) -> (host: String, port: UInt16)? {
        let name: String
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"), let groups = IPv6Groups(text[..<end].dropFirst()) else {
                return nil
            }
            name = groups.text
            rest = text[end...].dropFirst()
        } else {
            let host = text.prefix { $0 != ":" }
            guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
            name = host.lowercased()
            rest = text[host.endIndex...]
        }
        if rest.isEmpty { return (name, standard) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let port = UInt16(digits), port > 0
        else { return nil }
        return (name, port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }
}

/// The eight groups of an IPv6 address (RFC 4291, 2.2).
private struct IPv6Groups {
    private let groups: [UInt16]

    init?(_ text: Substring) {
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = Self.groups(halves[0], isEnd: halves.count == 1) else { return nil }
        guard halves.count == 2 else {
            guard head.count == 8 else { return nil }
            groups = head
            return
        }
        guard let tail = Self.groups(halves[1], isEnd: true), head.count + tail.count < 8 else { return nil }
        groups = head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// - Parameter isEnd: whether the last two groups may be written as an IPv4 address.
    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, part.contains(".") {
                let bytes = part.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
                guard bytes.count == 4, let a = bytes[0], let b = bytes[1], let c = bytes[2], let d = bytes[3] else {
                    return nil
                }
                groups += [UInt16(a) << 8 | UInt16(b), UInt16(c) << 8 | UInt16(d)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    /// RFC 5952: the longest run of zeros is omitted, the first one if several are equal.
    var text: String {
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return joined(groups[...]) }
        return joined(groups[..<longest.lowerBound]) + "::" + joined(groups[longest.upperBound...])
    }
}
