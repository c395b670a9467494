internal import FoundationEssentials

/// Removes our secrets from refusals that repeat them. Every response passes here, so no error message, log line or
/// result contains them. A successful response is unchanged.
package struct EchoGuard: Transport {
    private let transport: any Transport

    package init(_ transport: any Transport) {
        self.transport = transport
    }

    package func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        let response = try await transport.send(request)
        guard response.status >= 300 else { return response }
        let signing = request.headers.flatMap(\.secrets)
        // The redirect of a sign-in contains the code and the state that we need: only header secrets are removed
        // there.
        let clean = response.scrubbed(of: signing + request.secrets)
        let headers = response.status < 400 ? response.scrubbed(of: signing, byLook: false).headers : clean.headers
        var answer = RESTResponse(status: response.status, headers: headers, body: clean.body)
        answer.receivedAt = response.receivedAt
        return answer
    }

    package func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        do throws(TransportError) {
            return try await transport.openPush(request)
        } catch {
            guard case .refused(let response) = error.kind else { throw error }
            let scrubbed = response.scrubbed(of: request.headers.flatMap(\.secrets))
            throw TransportError(.refused(scrubbed), error.phase, error.detail)
        }
    }
}

extension RESTRequest {
    /// The secrets in the URL and the body, which no message may repeat.
    fileprivate var secrets: [String] {
        var found = URLText.queryFields(of: url).filter { Redaction.isSecret($0.name) }.map(\.value)
        guard let body else { return found }
        if body.contentType.hasPrefix("application/x-www-form-urlencoded") {
            let form = URLText.queryFields(of: "?" + String(decoding: body.bytes, as: UTF8.self))
            found += form.filter { Redaction.isSecret($0.name) }.map(\.value)
        }
        return found + Redaction.secrets(in: body.bytes)
    }
}

extension HeaderField {
    /// The value of a secret header, and its parts: the token without `Bearer`, the cookie without its name, the secret
    /// inside `Basic`.
    fileprivate var secrets: [String] {
        guard case .secret(let value) = value else { return [] }
        let text = value.reveal()
        let parts = text.split { " ;,".contains($0) }.map(String.init)
        let values = parts.map { String($0.drop { $0 != "=" }.dropFirst()) }
        let decoded = parts.compactMap { Data(base64Encoded: $0) }
            .map { String(decoding: $0, as: UTF8.self) }.filter { $0.contains(":") }
        return [text] + parts + values + decoded + decoded.map { String($0.drop { $0 != ":" }.dropFirst()) }
    }
}

extension RESTResponse {
    /// - Parameter byLook: whether texts in the form of a secret are removed too.
    fileprivate func scrubbed(of secrets: [String], byLook: Bool = true) -> RESTResponse {
        let words = Redaction.spellings(of: secrets)
        let clean = { (text: String) in
            let text = words.reduce(text) { $0.replacing($1, with: Redaction.mark) }
            return byLook ? Redaction.scrubbed(text) : text
        }
        var scrubbed = RESTResponse(
            status: status, headers: headers.map { HeaderField($0.name, clean($0.revealedValue())) },
            body: Array(clean(String(decoding: body, as: UTF8.self)).utf8))
        scrubbed.receivedAt = receivedAt
        return scrubbed
    }
}

extension Redaction {
    /// The spellings in which secrets may be repeated, the longest first. Short words are too common to be removed.
    fileprivate static func spellings(of secrets: [String]) -> [String] {
        let long = secrets.filter { $0.utf8.count >= 6 && $0 != "Bearer" }
        let all = long + long.map(URLText.encode) + long.map { $0.replacing("/", with: "\\/") }
        return Set(all).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// A text without these secrets and without texts in the form of a secret.
    package static func scrubbed(_ text: String, of secrets: [Redacted<String>]) -> String {
        scrubbed(spellings(of: secrets.map { $0.reveal() }).reduce(text) { $0.replacing($1, with: mark) })
    }
}
