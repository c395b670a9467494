/// Sends requests to the service: adds the access token, retries where that is safe, and turns a refusal into an error.
package struct RESTClient: Sendable {
    private let environment: PartyEnvironment
    /// A wait of this length or more is reported to people.
    private static let longWait: Duration = .seconds(5)
    private let authenticator: Authenticator
    private let tries: Int

    /// - Parameter tries: how often a request is sent at most while it fails for a passing reason.
    package init(_ environment: PartyEnvironment, tries: Int = RetryPolicy.tries) {
        self.environment = environment
        self.tries = tries
        authenticator = Authenticator(environment)
    }

    /// Sends a request with the access token. After a 401 it refreshes the token and retries once.
    /// - Parameter step: what the request is for, in the words of an error message.
    /// - Parameter isVerbatim: whether any 2xx response counts as success, even with an error document.
    /// - Returns: a response with a 2xx status; in a dry run an empty one for a request that changes something.
    package func send(
        _ request: RESTRequest, step: String, isVerbatim: Bool = false
    ) async throws(PartyError) -> RESTResponse {
        if let dryRun = environment.dryRun, !request.isLookup {
            try authenticator.requireServer()
            try dryRun(request)
            return RESTResponse(status: 204)
        }
        let signedIn = try await authenticator.token()
        var response = try await sendRepeatedly(request.signed(signedIn.accessToken), step: step)
        if response.status == 401 {
            let renewed = try await authenticator.token(replacing: signedIn.accessToken)
            response = try await sendRepeatedly(request.signed(renewed.accessToken), step: step)
        }
        return try Self.success(response, step: step, isVerbatim: isVerbatim)
    }

    /// Sends a request that needs no sign-in.
    package func sendUnsigned(_ request: RESTRequest, step: String) async throws(PartyError) -> RESTResponse {
        try authenticator.requireServer()
        return try Self.success(try await sendRepeatedly(request, step: step), step: step)
    }

    private func sendRepeatedly(_ request: RESTRequest, step: String) async throws(PartyError) -> RESTResponse {
        var request = request
        request.step = step
        var attempt = 1
        while true {
            try await spend(on: request, step: step)
            let outcome: RetryPolicy.Outcome
            do throws(TransportError) {
                outcome = .answered(try await environment.transport.send(request))
            } catch { outcome = .failed(error) }
            guard attempt < tries,
                let wait = RetryPolicy.wait(before: attempt, isRepeatable: request.isRepeatable, after: outcome)
            else {
                switch outcome {
                case .answered(let response): return response
                case .failed(let error): throw PartyError(error, step: step)
                }
            }
            environment.trace?.tell(.note("\(step): trying again in \(wait)"))
            if wait >= Self.longWait { environment.notice("\(step): trying again in \(wait.components.seconds) s") }
            await environment.clock.sleep(wait)
            guard !Task.isCancelled else { throw PartyError(.cancelled, "\(step): cancelled", step: step) }
            attempt += 1
        }
    }

    /// Takes one request from the account's budget, over all processes of the profile. If nothing can be stored,
    /// nothing is counted: a budget shall not stop a user who has a token and no home. Without a sign-in, and at a
    /// server on this machine, there is no account to protect.
    private func spend(on request: RESTRequest, step: String) async throws(PartyError) {
        guard ServiceOrigin(request.url)?.isLoopback != true, let files = try? authenticator.files() else { return }
        let now = environment.clock.now()
        let wait: Duration?
        do throws(PartyError) {
            wait = try await files.locked(.budget) { () throws(PartyError) in
                var budget = RequestBudget(try files.load(.budget) ?? [])
                let wait = budget.spend(
                    at: now, bypassesLimit: request.method == .delete, keeping: request.budgetReserve)
                if wait == nil { try files.save(.budget, budget.bytes) }
                if wait == nil { warn(of: budget, at: now) }
                return wait
            }
        } catch {
            guard error.kind == .cancelled else { return }
            throw error
        }
        guard let wait else { return }
        throw PartyError(
            .rateLimited, "\(step): the profile's budget of \(RequestBudget.limit) requests in 15 minutes is used up",
            step: step,
            hint: "it protects your account; the next request is possible in \(wait.components.seconds + 1) s")
    }

    /// Tells people once that few requests are left: the process that takes the first of the last ones does, so that of many
    /// commands in a row only one speaks.
    private func warn(of budget: RequestBudget, at now: Timestamp) {
        guard budget.left(at: now) == RequestBudget.few, environment.budgetWarning.take() else { return }
        environment.notice(
            "\(RequestBudget.few) of the profile's \(RequestBudget.limit) requests in 15 minutes are left; "
                + "at 0, commands end with an error until older requests are 15 minutes old")
    }

    private static func success(
        _ response: RESTResponse, step: String, isVerbatim: Bool = false
    ) throws(PartyError) -> RESTResponse {
        let isSuccess = (200..<300).contains(response.status)
        guard isSuccess, isVerbatim || ServiceFault(inSuccess: response.body) == nil else {
            throw PartyError(response, step: step)
        }
        return response
    }
}

extension RESTRequest {
    fileprivate func signed(_ token: Redacted<String>) -> RESTRequest {
        var request = self
        request.headers.insert(HeaderField("Authorization", secret: Redacted("Bearer \(token.reveal())")), at: 0)
        return request
    }
}
