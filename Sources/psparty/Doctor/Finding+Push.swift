import PartyCore

// The push stream: who has it, and whether a connection can be made.
extension Finding {
    static func retryAdvice(_ rest: Duration?) -> Finding {
        guard let rest else { return .ok(.retryAdvice, "none") }
        return .warning(
            .retryAdvice, "the push service asked not to be tried again for another \(rest.words)",
            hint: "wait; a listen that runs or is started now waits by itself")
    }

    static func connection(_ holder: Diagnosis.Holder) -> Finding {
        switch holder {
        case .none: return .ok(.connection, "no process of this profile holds the push connection")
        case .running(let process, _, _): return .ok(.connection, "\(name(process)) holds the push connection")
        case .silent(let process):
            return .failure(
                .connection, .unreachable, "\(name(process)) holds the push connection and does not answer",
                hint: process.map { "if it is stopped, let it go on (kill -CONT \($0)), or end it (kill \($0))" }
                    ?? "end that process")
        }
    }

    private static func name(_ process: Int32?) -> String { process.map { "process \($0)" } ?? "another process" }

    static func pushLookup(_ address: Result<PushAddress, PartyError>) -> Finding {
        switch address {
        case .failure(let error): return .failure(.pushLookup, error.advised)
        case .success(let address):
            let host = address.url.split(separator: "/").dropFirst().first.map(String.init) ?? address.url
            let detail =
                "\(host), protocol \(address.dialect.version), a ping every \(address.keepAlive.pingInterval.words)"
            guard address.dialect == .older else { return .ok(.pushLookup, detail) }
            return .warning(
                .pushLookup, "\(detail); the service refused protocol \(PushDialect.current.version)",
                hint: "nothing to do: listen uses the older protocol too")
        }
    }

    /// What was found of the connection.
    enum PushFacts: Sendable {
        case tried(Result<PushTrial.Outcome, PartyError>, took: Duration)
        /// Not opened, since another process has it.
        case held(Diagnosis.Holder)
        /// Not opened, since the account is in these parties.
        case couldCost([PartyID])
    }

    static func push(_ facts: PushFacts) -> Finding {
        switch facts {
        case .tried(.failure(let error), _): return .failure(.push, error.advised)
        case .tried(.success(let outcome), let took): return push(outcome, took)
        case .held(let holder): return push(holder)
        case .couldCost(let parties):
            let names = parties.map(\.text).joined(separator: ", ")
            return .warning(
                .push,
                "not tried: no process holds the connection, and a new one may cost your place in the party \(names)",
                hint: "start listen, which joins again if need be, and run doctor beside it; or leave the party first")
        }
    }

    private static func push(_ holder: Diagnosis.Holder) -> Finding {
        switch holder {
        case .running(let process, true, _): return .ok(.push, "\(name(process)) has an open stream")
        case .running(let process, false, let outage?):
            return .failure(
                .push, .unreachable,
                "\(name(process)) has lost the stream: \(outage.reason); it tries again in \(outage.retryAfter.words)",
                hint: "nothing to do for now: it connects again by itself")
        case .running(let process, false, nil):
            return .warning(.push, "\(name(process)) is connecting", hint: "run doctor again in a moment")
        case .none, .silent: return .skipped(.push, "the process that holds the connection does not answer")
        }
    }

    private static func push(_ outcome: PushTrial.Outcome, _ took: Duration) -> Finding {
        if let loss = outcome.loss {
            return .failure(
                .push, .unreachable, "the connection opened, and was lost at once: \(loss)",
                hint: "try again; if it stays like this, a proxy or firewall in between may cut connections")
        }
        guard outcome.answersPing else {
            return .failure(
                .push, .unreachable, "the connection opens, but a ping is not answered",
                hint: "a proxy or firewall in between may hold back what is sent on open connections")
        }
        if let complaint = outcome.complaint {
            return .warning(.push, complaint, hint: "if listen prints no events, sign in again with login")
        }
        return .ok(.push, "the connection opens and answers (\(took.words))")
    }
}

extension PartyError {
    /// A refusal of the push service with what to do about it, if the error does not say so itself.
    fileprivate var advised: PartyError {
        var error = self
        if let advice {
            error.message += "; it asks to wait \(advice.shortest.words) to \(advice.longest.words)"
        }
        guard error.hint == nil, error.remedy == nil else { return error }
        error.hint =
            advice == nil
            ? "try again later; `listen` does so by itself" : "wait that long; `listen` does so by itself"
        return error
    }
}
