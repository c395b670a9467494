extension PushClosure {
    /// The service's words without what they repeat of our secrets.
    func scrubbed(of secrets: [Redacted<String>]) -> PushClosure {
        guard case .peer(let code, let reason) = self else { return self }
        return .peer(code: code, reason: Redaction.scrubbed(reason, of: secrets))
    }

    var reason: String {
        switch self {
        case .peer(nil, _): "the service closed the connection"
        case .peer(let code?, ""): "the service closed the connection (code \(code))"
        case .peer(let code?, let words): "the service closed the connection (code \(code), \(words))"
        case .local: "closed here"
        case .failed(let error): error.detail
        }
    }
}
