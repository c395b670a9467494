import PartyCore

/// What one request without a token to a host of the service has shown.
struct HostFacts: Sendable {
    let origin: ServiceOrigin
    /// The proxy in between, without its credentials.
    var proxy: String?
    /// The response of any status, without fetching certificates that the host leaves out.
    let outcome: Result<RESTResponse, TransportError>
    /// The same after fetching them; `nil` if that was not necessary, or is not allowed.
    var completed: Result<RESTResponse, TransportError>?
    /// When the outcome was there, and how long it took.
    let time: Timestamp
    let took: Duration

    /// How far a connection comes.
    enum Stage: Int, Comparable, Sendable {
        case dns, tcp, tls, http, answered

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    /// The outcome that counts for a command.
    var final: Result<RESTResponse, TransportError> { completed ?? outcome }

    /// The stage that failed; `answered` if none did.
    var stage: Stage {
        guard case .failure(let error) = final else { return .answered }
        if error.kind == .tls { return .tls }
        if error.kind == .unresolved { return .dns }
        switch error.phase {
        case .preparing, .lookup: return .dns
        case .connecting: return .tcp
        case .handshake: return .tls
        case .exchange: return .http
        }
    }

    var error: TransportError? { if case .failure(let error) = final { error } else { nil } }

    /// The issuer that the host leaves out of its chain, if there is one.
    var leftOut: MissingIssuer? { if case .failure(let error) = outcome { error.missingIssuer } else { nil } }

    /// Without the scheme.
    var name: String { origin.description.split(separator: "/").last.map(String.init) ?? origin.description }
}
