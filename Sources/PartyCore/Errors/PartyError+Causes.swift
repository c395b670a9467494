extension PartyError {
    /// An error for a failure of the network.
    public init(_ error: TransportError, step: String) {
        let kind: Kind =
            switch error.kind {
            case .unresolved, .unreachable, .refusedByProxy, .timedOut, .brokenOff: .unreachable
            // Nothing was tried yet: the CA file is wrong, not the server.
            case .tls: error.phase == .preparing ? .configuration : .tls
            case .malformed: .protocolViolation
            case .refused(let response):
                response.isEdgePage ? .protocolViolation : Self.kind(ofStatus: response.status)
            // Once a request is under way, it is not our settings that are wrong.
            case .insecure, .unusable: error.phase == .exchange ? .protocolViolation : .configuration
            case .exhausted: .internalFault
            case .cancelled: .cancelled
            }
        self.init(
            kind, "\(step) failed: \(error.detail)", step: kind == .tls ? (error.isOfProxy ? "proxy" : "TLS") : step)
        mayHaveActed = error.mayHaveArrived
        switch error.kind {
        case .refused(let response):
            status = response.status
            requestID = Self.requestID(of: response)
            advice = RetryAdvice(response)
            if response.isEdgePage { hint = Self.edgePage(response, step: step).hint }
        case .tls where kind == .configuration:
            remedy = .correctTrustFile
        case .tls where error.phase == .connecting:
            hint = "install the libcurl that is built with OpenSSL (libcurl4 in Debian)"
        case .tls where error.isOutOfTime:
            hint =
                "check the date and time of this machine; if they are right, the server's certificate has wrong dates"
        case .tls where error.isOfProxy:
            remedy = .trustProxy
        case .tls:
            remedy = error.missingIssuer.map { .trustIssuer($0) } ?? .trustServer
        case .exhausted: remedy = .raiseLimit
        default: break
        }
    }

    /// An error for a file that could not be used.
    public init(_ error: StoreError) {
        self.init(error.kind == .cancelled ? .cancelled : .storage, error.message, step: "state")
    }

    /// An error for a response that cannot be read.
    package init(_ error: CodecError, step: String) {
        self.init(.protocolViolation, "\(step): the answer cannot be read: \(error)", step: step)
        mayHaveActed = true
    }

    /// An error for a response without success.
    package init(_ response: RESTResponse, step: String) {
        guard !response.isEdgePage else {
            self = .edgePage(response, step: step)
            return
        }
        let body = ServiceFault(response.body)
        let meaning = (200..<300).contains(response.status) ? body.impliedStatus : response.status
        let refusal = ServiceRefusal(step: step, status: meaning, code: body.code)
        self.init(
            Self.kind(ofStatus: meaning), "", step: step, status: response.status,
            requestID: body.referenceID ?? Self.requestID(of: response), hint: refusal.hint,
            remedy: refusal.remedy)
        serviceWords = body.message
        message = refused(refusal.sentence)
        mayHaveActed = response.status >= 500
        advice = RetryAdvice(response)
        if kind == .signIn { remedy = .signInAgain }
        if kind == .rateLimited { hint = "wait before you try again" }
        if kind == .rateLimited || kind == .unreachable, let wait = response.retryAfter, wait > 0 {
            // The stream does wait, and says so itself.
            if step != "push look-up" { message += "; the service asks to wait \(wait) s" }
            hint = "try again in \(wait) s"
        }
    }

    /// The same error with a more exact sentence, if the service refused.
    package func explained(_ sentence: String, hint: String? = nil) -> PartyError {
        guard status != nil else { return self }
        var error = self
        error.message = refused(sentence)
        error.hint = hint ?? self.hint
        return error
    }

    /// What failed, followed by the service's message.
    private func refused(_ sentence: String) -> String {
        let isRefusal = (400..<500).contains(status ?? 0) && status != 404
        let verb = isRefusal ? "refused" : "failed"
        return "\(step ?? "request") \(verb): \(sentence)\(serviceWords.map { " [\($0)]" } ?? "")"
    }

    package static func kind(ofStatus status: Int) -> Kind {
        switch status {
        case 401: .signIn
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 429: .rateLimited
        case 500...599: .unreachable
        case 400...499: .refused
        default: .protocolViolation
        }
    }

    private static func requestID(of response: RESTResponse) -> String? {
        ["X-Psn-Request-Id", "X-RequestId", "X-Psn-Correlation-Id", "X-CorrelationId", "X-Psn-Track-Id"]
            .lazy.compactMap(response.header).first
    }
}

/// The service's own message about a refusal, which has two forms (docs/protocol.md, 2.4 and 3.2).
package struct ServiceFault: Sendable, Equatable {
    package let message: String?
    package let referenceID: String?
    /// The service's number for the error.
    package let code: Int64?
    /// The OAuth word, like `invalid_grant`.
    package let oauthError: String?
    /// The HTTP status, where the document names one.
    package let status: Int64?

    package init(_ body: [UInt8]) {
        let root = try? JSONDocument(body).root
        let error = root?["error"]
        oauthError = error?.text
        referenceID = error?["referenceId"]?.text
        code = (error?["code"] ?? root?["error_code"])?.integer
        status =
            ["status", "statusCode", "httpStatus"].lazy.compactMap { error?[$0]?.integer ?? root?[$0]?.integer }.first
        message = error?["message"]?.text ?? root?["error_description"]?.text ?? oauthError
    }
}
