/// One row of the service's table of requests.
struct Route: Sendable {
    typealias Answer = @Sendable (isolated SimulatedService, Call) throws(Refusal) -> SimulatedResponse

    let method: String
    let pattern: [String]
    let needsBearer: Bool
    let base: Refusal.Base
    let answer: Answer

    /// - Parameter pattern: a path in which a part in braces matches any part.
    init(
        _ method: String, _ pattern: String, base: Refusal.Base = .sessionManager, needsBearer: Bool = true,
        _ answer: @escaping Answer
    ) {
        self.method = method
        self.pattern = pattern.split(separator: "/").map(String.init)
        self.base = base
        self.needsBearer = needsBearer
        self.answer = answer
    }

    /// The values of the parts in braces; nil if the path does not match.
    func match(_ parts: [String]) -> [String]? {
        guard parts.count == pattern.count else { return nil }
        var found: [String] = []
        for (part, wanted) in zip(parts, pattern) {
            if wanted.hasPrefix("{") { found.append(part) } else if part != wanted { return nil }
        }
        return found
    }
}

/// A routed request: the values from its path, and the caller.
struct Call: Sendable {
    let request: SimulatedRequest
    let parts: [String]
    let base: Refusal.Base
    /// The caller; nil without a sign-in.
    let caller: Caller?

    /// The account and device behind a request.
    struct Caller: Sendable {
        let account: SimulatedAccount
        let platform: String
        let duid: String

        var key: PartyMember.Key { PartyMember.Key(accountId: account.accountId, platform: platform) }
    }

    var signedIn: Caller {
        get throws(Refusal) {
            guard let caller else { throw Self.unauthorized(base) }
            return caller
        }
    }

    static func unauthorized(_ base: Refusal.Base) -> Refusal { Refusal(base, .unauthorized, "Unauthorized") }

    /// The body as a JSON object, sent as JSON.
    func body() throws(Refusal) -> JSONValue {
        let type = request.header("Content-Type")?.lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
        guard let type, type.first == "application/json", type.dropFirst().allSatisfy({ $0 == "charset=utf-8" }) else {
            throw .header("Content-Type", base)
        }
        guard let value = try? JSONReader.read(request.body), value.object != nil else { throw .body("null", base) }
        return value
    }

    /// Refuses a body with missing or additional keys.
    func check(
        _ value: JSONValue, keys: [String], optional: [String] = []
    ) throws(Refusal) {
        for key in keys where value[key] == nil { throw .body(key, base) }
        for key in value.keys where !keys.contains(key) && !optional.contains(key) { throw .body(key, base) }
    }

    func requireHeader(_ name: String, _ value: String? = nil) throws(Refusal) {
        guard let found = request.header(name), !found.isEmpty else { throw .header(name, base) }
        if let value, found != value { throw .header(name, base) }
    }
}

extension SimulatedService {
    static let routes: [Route] =
        signInRoutes + partyRoutes + memberRoutes + invitationRoutes + bridgeRoutes + linkRoutes + userRoutes
        + pushRoutes + neighbourRoutes

    /// Finds the route of a request and runs it.
    func route(_ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        let parts = request.path.split(separator: "/").compactMap { Percent.decode($0, plusIsSpace: false) }
        var isKnownPath = false
        for route in Self.routes {
            guard let found = route.match(parts) else { continue }
            isKnownPath = true
            guard route.method == request.method else { continue }
            let caller = caller(request)
            if route.needsBearer && caller == nil { throw Call.unauthorized(route.base) }
            return try route.answer(self, Call(request: request, parts: found, base: route.base, caller: caller))
        }
        throw isKnownPath ? .bare(405) : .notFound()
    }

    private func caller(_ request: SimulatedRequest) -> Call.Caller? {
        guard let grant = bearer(request), let account = account(grant.accountId) else { return nil }
        return Call.Caller(account: account, platform: grant.platform, duid: grant.duid)
    }
}
