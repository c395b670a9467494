import PartyCore

/// A request as a `curl` command that does the same when pasted into a shell. It holds no secret: the bearer is asked for
/// when it runs.
struct CurlCommand {
    let request: RESTRequest
    let configuration: Configuration

    var text: String {
        var words = ["curl", "--silent", "--show-error", "--fail-with-body", "--request", request.method.rawValue]
        words += ["--header", "\"Authorization: Bearer $(\(tokenCommand))\""]
        let body = request.body
        let contentType = body.map { [HeaderField("Content-Type", $0.contentType)] } ?? []
        for header in request.headers + contentType { words += ["--header", header.description.shellQuoted] }
        words += ["--header", "User-Agent: \(configuration.userAgent)".shellQuoted]
        if let body { words += ["--data-raw", String(decoding: body.bytes, as: UTF8.self).shellQuoted] }
        if let caFile = configuration.caFile { words += ["--cacert", caFile.shellQuoted] }
        return (words + [request.url.shellQuoted]).joined(separator: " ")
    }

    private var tokenCommand: String {
        let profile = configuration.settings.profile
        return profile == "default" ? "psparty token" : "psparty token --profile \(profile)"
    }
}

extension String {
    /// As one word of a POSIX shell, taken literally.
    fileprivate var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
