import PartyCore

// The sign-in, and what the service says to it.
extension Finding {
    /// What was found of a sign-in.
    struct SignInFacts: Sendable {
        /// As it is stored; `nil` for a given access token.
        var stored: Credentials?
        /// The token for requests; an error if it was due and could not be renewed. `nil` if it was not asked for.
        var token: Result<SignedIn, PartyError>?
        var hasClient: Bool
    }

    /// From here on a warning says when a new sign-in is needed.
    private static let soon: Duration = .seconds(3 * 86_400)

    static func signIn(_ facts: SignInFacts, at now: Timestamp) -> Finding {
        guard let stored = facts.stored else { return given(facts, at: now) }
        let account = stored.onlineID ?? "\(stored.accountID)"
        switch facts.token {
        case .failure(let error)? where error.kind == .configuration && !facts.hasClient:
            return .failure(
                .signIn, .configuration,
                "\(account): the access token is due, and without an OAuth client it cannot be renewed",
                remedy: .configureClient)
        case .failure(let error)?: return .failure(.signIn, error)
        case nil where stored.expiresAt <= now:
            return .skipped(
                .signIn, "the access token of \(account) has expired, and without a connection it cannot be renewed")
        case nil: return lifetimes(account, stored.expiresAt, stored, facts.hasClient, at: now)
        case .success(let signedIn)?:
            let expiry = signedIn.expiresAt ?? stored.expiresAt
            // The old token is used as long as it lasts if the service does not answer.
            if let due = signedIn.renewalDue, due <= now, expiry > now {
                return .warning(
                    .signIn,
                    "\(account): the access token could not be renewed; it is valid for another \((expiry - now).words)",
                    hint: "see the lines above and below; the sign-in itself still stands")
            }
            return lifetimes(account, expiry, stored, facts.hasClient, at: now)
        }
    }

    private static func given(_ facts: SignInFacts, at now: Timestamp) -> Finding {
        switch facts.token {
        case .failure(let error)?: return .failure(.signIn, error)
        case .success(let signedIn)?:
            guard let expiry = signedIn.expiresAt else {
                return .ok(
                    .signIn,
                    "account \(signedIn.accountID), by PSPARTY_ACCESS_TOKEN, which does not say how long it is valid")
            }
            guard expiry > now else {
                return .failure(
                    .signIn, .signIn, "PSPARTY_ACCESS_TOKEN expired \((now - expiry).words) ago",
                    remedy: .renewAccessToken)
            }
            return .ok(
                .signIn,
                "account \(signedIn.accountID), by PSPARTY_ACCESS_TOKEN, valid for \((expiry - now).words); it is not renewed"
            )
        case nil: return .skipped(.signIn, "there is no token")
        }
    }

    private static func lifetimes(
        _ account: String, _ expiry: Timestamp, _ stored: Credentials, _ hasClient: Bool, at now: Timestamp
    ) -> Finding {
        let access = "\(account): access token valid for \((expiry - now).words)"
        guard stored.refreshToken != nil else {
            return .warning(.signIn, "\(access); it cannot be renewed", remedy: .signInAgain)
        }
        guard hasClient else {
            return .warning(
                .signIn, "\(access); without an OAuth client it cannot be renewed", remedy: .configureClient)
        }
        guard let end = stored.refreshExpiresAt else {
            return .ok(.signIn, "\(access), then renewed; the service did not say when a new sign-in is needed")
        }
        let detail = "\(access), then renewed; new sign-in needed in \((end - now).words)"
        return end - now > soon ? .ok(.signIn, detail) : .warning(.signIn, detail, remedy: .signInAgain)
    }

    static func service(_ parties: Result<[PartyID], PartyError>, took: Duration) -> Finding {
        switch parties {
        case .success(let parties):
            let membership =
                parties.isEmpty
                ? "you are in no party" : "you are in \(parties.count == 1 ? "a party" : "\(parties.count) parties")"
            return .ok(.service, "accepts the sign-in; \(membership) (\(took.words))")
        case .failure(var error):
            if error.kind == .unreachable, error.hint == nil {
                error.hint = "the service has a fault or is being maintained: try again later"
            }
            if error.kind == .protocolViolation, error.hint == nil {
                error.hint =
                    "try again; if it stays like this, something in between changes responses, or the service has changed"
            }
            return .failure(.service, error)
        }
    }
}
