/// Refusals by something in front of the service: an edge server, a proxy, a captive portal.
/// The service's own refusals are JSON or empty; theirs are pages.
extension RESTResponse {
    /// Edge servers that answer for the service behind them.
    private static let edges = [
        "akamai", "cloudflare", "cloudfront", "varnish", "fastly", "imperva", "incapsula", "squid", "awselb", "sucuri",
    ]

    /// Whether a 4xx response is not a decision of the service.
    package var isEdgePage: Bool {
        guard (400..<500).contains(status), status != 401, status != 429 else { return false }
        if let first = body.first(where: { $0 > 0x20 }) {
            guard first != UInt8(ascii: "{") else { return false }
            if first == UInt8(ascii: "<") { return true }
        }
        return isPage || edge != nil
    }

    /// Whether a header names an edge server. A refused push upgrade brings no body to look at.
    package var hasTraceOfEdge: Bool {
        isPage || edge != nil || header("Via") != nil
    }

    private var isPage: Bool { header("Content-Type")?.lowercased().hasPrefix("text/html") == true }

    /// The name of the edge server, if it is a known one and the response is its own.
    package var edge: String? {
        let isServer = { (name: String) in
            let name = name.lowercased()
            return Self.edges.contains { name.contains($0) }
        }
        if let server = header("Server"), isServer(server) { return String(server.prefix(40)) }
        guard let cache = header("X-Cache"), cache.lowercased().hasPrefix("error from ") else { return nil }
        return String(cache.dropFirst("error from ".count).prefix(40))
    }
}

extension PartyError {
    /// An error for a response that is not a decision of the service.
    static func edgePage(_ response: RESTResponse, step: String) -> PartyError {
        let name = response.edge.map { " (\($0))" } ?? ""
        return PartyError(
            .protocolViolation,
            "\(step) refused by the network in front of the service\(name), not by the service itself",
            step: step, status: response.status,
            hint: "it may block your address: try again without a VPN or proxy, or from another network")
    }
}
