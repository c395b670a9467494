extension PartyClient {
    /// Sends any request to the service, with the access token.
    /// - Parameters:
    ///   - method: the HTTP method.
    ///   - path: from `/`, for the mobile host, or a whole URL of one of the service's hosts; percent-encoded.
    ///   - headers: further headers, in this order.
    ///   - body: the body, if there is one.
    /// - Returns: the body of a 2xx response, unchanged; 16 MiB at most.
    /// - Throws: `PartyError`, of kind `.usage` for a URL of another host: no other host gets the token.
    public func send(
        _ method: RESTRequest.Method, to path: String, headers: [HeaderField], body: [UInt8]?
    ) async throws(PartyError) -> [UInt8] {
        let request = RESTRequest(
            method, try address(path), headers: headers,
            body: body.map { RESTRequest.Body($0, contentType: "application/json; charset=utf-8", isSecret: true) })
        return try await rest.send(request, step: "\(method.rawValue) request", isVerbatim: true).body
    }

    private func address(_ path: String) throws(PartyError) -> String {
        if let problem = Self.encodingProblem(path) {
            throw PartyError(
                .usage, "\(path) contains \(problem)", step: "request",
                hint: "percent-encode it, for example a space as %20")
        }
        if path.hasPrefix("/"), !path.hasPrefix("//") { return environment.settings.hosts.mobile + path }
        let isOurs = environment.settings.hosts.all.contains { path.hasPrefix($0 + "/") }
        guard isOurs else {
            throw PartyError(
                .usage, "\(path) is not a path of the service, and no other host gets the token", step: "request",
                hint: "name a path that starts with /, percent-encoded")
        }
        return path
    }

    /// What an address cannot contain as it is.
    private static func encodingProblem(_ path: String) -> String? {
        for byte in path.utf8 {
            switch byte {
            case 0x20: return "a space"
            case ..<0x20, 0x7F: return "a control character"
            case 0x80...: return "a character outside of ASCII"
            case UInt8(ascii: "#"): return "a #, and what follows a # is never sent"
            default: break
            }
        }
        return nil
    }
}
