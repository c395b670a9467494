import PartyCore

/// A request as a `curl` command that does the same when pasted into a shell. It holds no secret: the bearer is asked for
/// when it runs.
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

    /// The one secret besides the bearer is a bridge's token, which is left to a variable.
    private static func word(_ header: HeaderField) -> String {
        guard case .secret = header.value else {
            // curl takes "Name:" as a wish to send none.
            return (header.revealedValue().isEmpty ? "\(header.name);" : header.description).shellQuoted
        }
        return "\"\(header.name): $BRIDGE_TOKEN\""
    }

    /// It may have to refresh: with the same trust.
    private var tokenCommand: String {
        let caFile = configuration.values[.caFile]
        let trust = caFile.source == .option ? caFile.value.map { " --ca-file " + $0.reveal().shellWord } : nil
        return configuration.invocation.command("token" + (trust ?? ""))
    }
}
