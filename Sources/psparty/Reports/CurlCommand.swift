import PartyCore

/// A request as an equivalent `curl` command. It contains no secret: it calls `psparty token` for the bearer token.
struct CurlCommand {
    let request: RESTRequest
    let configuration: Configuration

    var text: String {
        var words = [
            "curl", "--silent", "--show-error", "--fail-with-body", "--globoff", "--request", request.method.rawValue,
        ]
        words += ["--header", "\"Authorization: Bearer $(\(tokenCommand))\""]
        let body = request.body
        let contentType = body.map { [HeaderField("Content-Type", $0.contentType)] } ?? []
        for header in request.headers + contentType { words += ["--header", Self.word(header)] }
        if !request.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            words += ["--header", "User-Agent: \(configuration.userAgent)".shellQuoted]
        }
        if let body { words += ["--data-raw", String(decoding: body.bytes, as: UTF8.self).shellQuoted] }
        if let caFile = configuration.caFile { words += ["--cacert", caFile.shellQuoted] }
        return (words + [request.url.shellQuoted]).joined(separator: " ")
    }

    /// The only other secret is a bridge token. A shell variable stands for it.
    private static func word(_ header: HeaderField) -> String {
        guard case .secret = header.value else {
            // For curl, "Name:" removes a header and "Name;" sends it empty.
            return (header.revealedValue().isEmpty ? "\(header.name);" : header.description).shellQuoted
        }
        return "\"\(header.name): $BRIDGE_TOKEN\""
    }

    /// The token may need a refresh, so the command trusts the same CAs.
    private var tokenCommand: String {
        let caFile = configuration.values[.caFile]
        let trust = caFile.source == .option ? caFile.value.map { " --ca-file " + $0.reveal().shellWord } : nil
        return configuration.invocation.command("token" + (trust ?? ""))
    }
}
