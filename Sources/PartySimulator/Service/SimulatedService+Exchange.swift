extension SimulatedService {
    /// Answers one request, or returns the effect of a fault.
    public func respond(to request: SimulatedRequest) async -> SimulatedReply {
        dropLooseBridges()
        if request.path.hasPrefix("/_sim/") { return .answer(control(request)) }
        let accountId = accountId(of: request)
        let fault = takeFault(request, accountId: accountId)
        let reply = reply(to: request, fault: fault, accountId: accountId)
        record(request, accountId: accountId, status: reply.status)
        release()
        return reply
    }

    private func reply(to request: SimulatedRequest, fault: Fault?, accountId: String?) -> SimulatedReply {
        guard let fault else { return .answer(answer(request)) }
        let reply: SimulatedReply
        switch fault.action {
        case .drop, .reset, .status, .retryAfter:
            if fault.isProcessed { _ = answer(request) }
            reply = replacement(fault.action)
        case .wrongJSON:
            var response = answer(request)
            response.body = Array("{\"broken\":[1,".utf8)
            reply = .answer(response)
        case .truncated(let count): reply = .truncated(answer(request), bodyBytes: count)
        case .expireAccessTokens, .killRefreshTokens, .loseMembership:
            strike(fault.action, accountId: accountId)
            reply = .answer(answer(request))
        case .delay, .bigHeaders, .noSubprotocol, .noPong, .fragmented, .onReady: reply = .answer(answer(request))
        }
        return fault.delayMilliseconds > 0 ? .delayed(milliseconds: fault.delayMilliseconds, then: reply) : reply
    }

    private func replacement(_ action: Fault.Action) -> SimulatedReply {
        switch action {
        case .status(let response): .answer(response)
        case .retryAfter(let refusal): .answer(refusal.response(now: now()))
        case .reset: .reset
        default: .drop
        }
    }

    /// Applies a fault to the state of the service.
    func strike(_ action: Fault.Action, accountId: String?) {
        switch action {
        case .expireAccessTokens: tokenStore.expireAccessTokens()
        case .killRefreshTokens: tokenStore.killRefreshTokens()
        case .loseMembership: if let accountId { dropMemberships(of: accountId) }
        default: break
        }
    }

    /// The response of the service, compressed if requested.
    private func answer(_ request: SimulatedRequest) -> SimulatedResponse {
        var response: SimulatedResponse
        do {
            response = try route(request)
        } catch {
            response = error.response
        }
        if request.path.hasPrefix("/api/authz/") {
            response.headers.append(("X-Psn-Request-Id", Random.hex(bytes: 16)))
        } else if request.path.contains("/userProfile/") {
            response.headers.append(
                ("X-Psn-Track-Id", String(UInt64.random(in: 1_000_000_000_000_000_000..<(.max / 2)))))
        }
        // Required of a server with a clock (RFC 9110, 6.6.1).
        response.headers.append(("Date", HTTPDate(max(0, now() / 1000 + Int64(scenario.clockOffset))).imf))
        let accepted = request.header("Accept-Encoding")?.lowercased() ?? ""
        if scenario.gzip, accepted.contains("gzip"), response.body.count > 1024 {
            response.body = Gzip.compress(response.body)
            response.headers.append(("Content-Encoding", "gzip"))
        }
        return response
    }

    /// The account of the request's bearer token, even if the token has expired.
    private func accountId(of request: SimulatedRequest) -> String? { bearer(request)?.accountId }

    func bearer(_ request: SimulatedRequest) -> TokenStore.Grant? {
        guard let value = request.header("Authorization"), value.hasPrefix("Bearer ") else { return nil }
        return tokenStore.accessGrant(String(value.dropFirst(7)), now: now())
    }

    /// The first fault that affects the request. The request is counted for all matching faults.
    func takeFault(_ request: SimulatedRequest, accountId: String?) -> Fault? {
        for index in armed.indices where armed[index].match.covers(request) {
            if let name = armed[index].match.account, account(name)?.accountId != accountId { continue }
            if armed[index].match.skip > 0 {
                armed[index].match.skip -= 1
                continue
            }
            let fault = armed[index]
            if let times = fault.match.times {
                armed[index].match.times = times - 1
                if times <= 1 { armed.remove(at: index) }
            }
            return fault
        }
        return nil
    }

    func record(_ request: SimulatedRequest, accountId: String?, status: Int?) {
        recorded.append(
            RecordedRequest(
                method: request.method, target: request.target, headers: request.headers, body: request.body,
                accountId: accountId, status: status, receivedAt: now()))
    }

    /// Sends the events of this request, before or directly after its response.
    func release() {
        if scenario.eventsBeforeAnswer {
            sendWaiting()
        } else if !waiting.isEmpty {
            // This task runs after the response, because the actor is busy until then.
            Task { self.sendWaiting() }
        }
    }
}

extension SimulatedReply {
    /// The status that the client receives.
    var status: Int? {
        switch self {
        case .answer(let response), .truncated(let response, _): response.status
        case .delayed(_, let then): then.status
        case .drop, .reset: nil
        }
    }
}
