import PartyCore

/// The parts of an absolute URL. It accepts fewer forms than the RFC, so that every library reads the same host from it
/// as this parser.
struct TargetURL: Sendable, Equatable {
    enum Scheme: String, Sendable {
        case http, https, ws, wss

        var isSecure: Bool { self == .https || self == .wss }
        var defaultPort: UInt16 { isSecure ? 443 : 80 }
    }

    let scheme: Scheme
    /// In lower case; an IPv6 address has no brackets.
    let host: String
    let port: UInt16
    /// Path and query, at least `/`.
    let path: String

    init(_ text: String) throws(TransportError) {
        guard let parsed = Self.parse(text) else {
            throw TransportError(.unusable, .preparing, "not a usable address")
        }
        self = parsed
    }

    private init(scheme: Scheme, host: String, port: UInt16, path: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    private static func parse(_ text: String) -> TargetURL? {
        // Some parsers read a backslash as a slash, and a fragment is never sent.
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
        guard isPlain, !text.contains("#"), let separator = text.firstIndex(of: ":"),
            let scheme = Scheme(rawValue: text[..<separator].lowercased()),
            text[separator...].hasPrefix("://")
        else { return nil }
        let rest = text[separator...].dropFirst(3)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let authority = HostPort(rest[..<end]) else { return nil }
        let path = rest[end...]
        return TargetURL(
            scheme: scheme, host: authority.host, port: authority.port ?? scheme.defaultPort,
            path: path.hasPrefix("/") ? String(path) : "/" + path)
    }

    var isLoopback: Bool {
        host == "localhost" || IPAddress(host)?.isLoopback == true
    }

    /// Whether the host has the form of a public name or address. For hosts that a proxy resolves.
    var hasPublicForm: Bool {
        if let address = IPAddress(host) { return address.isPublic }
        let labels = host.split(separator: ".")
        // A last label that begins with a digit means an address in an old notation.
        guard labels.count > 1, let last = labels.last, last.utf8.first.map({ $0 > 0x39 }) == true else { return false }
        return !["local", "localhost", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "arpa"]
            .contains(last)
    }

    /// The value of a Host header: with the port only if it is not the default.
    var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    /// - Throws: `.insecure` for plain text to another machine.
    func requireSafety() throws(TransportError) {
        if !scheme.isSecure && !isLoopback {
            throw TransportError(.insecure, .preparing, "plain \(scheme.rawValue) to \(host) is not allowed")
        }
    }
}

/// `host`, `host:port` or `[IPv6]:port`; no user name.
struct HostPort: Sendable, Equatable {
    let host: String
    let port: UInt16?

    init?(_ text: Substring) {
        let name: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            name = text[..<end].dropFirst()
            rest = text[end...].dropFirst()
            guard IPAddress(name)?.isVersion6 == true else { return nil }
        } else {
            name = text.prefix { $0 != ":" }
            rest = text[name.endIndex...]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        host = name.lowercased()
        if rest.isEmpty {
            port = nil
        } else {
            // Digits only: `UInt16` would also accept a sign.
            let digits = rest.dropFirst()
            guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(digits), number > 0
            else { return nil }
            port = number
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
