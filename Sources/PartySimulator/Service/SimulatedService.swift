import Glibc

/// The simulated party service: accounts, tokens, party sessions, bridges and push connections, without any socket.
///
/// It never sleeps and uses only the clock that it is given. Faults that take time are part of the reply; the transport
/// performs them.
public actor SimulatedService {
    public nonisolated let accounts: [SimulatedAccount]
    public nonisolated let clientId: String
    public nonisolated let clientSecret: String
    /// Where the OAuth client sends a signed-in user.
    public nonisolated let redirectURI = "com.scee.psxandroid.scecompcall://redirect"

    let now: @Sendable () -> Int64
    var scenario: Scenario
    var armed: [Fault]
    var recorded: [RecordedRequest] = []
    var tokenStore = TokenStore()
    var parties: [String: Party] = [:]
    var bridges: [String: Bridge] = [:]
    var sockets: [Int: PushSocket] = [:]
    var closings: [PushClosing] = []
    var socketCount = 0
    /// The most push connections that one account had at once.
    var peakSockets = 0
    /// The version and keep-alive type of each account's push address look-ups, as in `3.0/6`.
    var lookedUp: [String: Set<String>] = [:]
    var recordedFrames: [RecordedFrame] = []
    var pushAddress = "127.0.0.1:443"
    var waiting: [PushEvent] = []
    var eventCount = 0
    var linkCount = 0
    /// The event counter of each push context of each account.
    var counts: [String: Int64] = [:]

    /// - Parameter now: milliseconds since 1970.
    public init(scenario: Scenario = Scenario(), now: @escaping @Sendable () -> Int64 = { wallClock() }) {
        self.scenario = scenario
        self.now = now
        armed = scenario.faults
        accounts = SimulatedAccount.invented(scenario.accounts, platforms: scenario.platforms)
        clientId = Random.uuid()
        clientSecret = Random.alphanumeric(16)
    }

    /// All REST and push requests so far, in order, without control requests.
    public func requests() -> [RecordedRequest] { recorded }

    /// Every text frame that clients have sent so far, in order.
    public func frames() -> [RecordedFrame] { recordedFrames }

    public func clearRequests() {
        recorded = []
        recordedFrames = []
    }

    /// Appends a fault.
    public func add(_ fault: Fault) { armed.append(fault) }

    public func clearFaults() { armed = [] }

    /// The host and port that `serveraddr` names.
    public func announcePush(at address: String) { pushAddress = address }

    /// Creates an access token and its refresh token without a sign-in.
    ///
    /// - Parameter duid: the device of the token; an invented one by default, empty for none.
    public func mintTokens(
        accountId: String, platform: String? = nil, duid: String? = nil
    ) -> (access: String, refresh: String)? {
        guard let account = account(accountId) else { return nil }
        let grant = TokenStore.Grant(
            accountId: account.accountId, platform: platform ?? account.platform,
            duid: duid ?? "0000000700410080" + Random.hex(bytes: 16),
            scope: Self.scopes.joined(separator: " "),
            refreshDeadline: now() + Int64(scenario.refreshTokenLife) * 1000)
        let access = tokenStore.issueAccessToken(grant, clientId: clientId, life: scenario.accessTokenLife, now: now())
        return (access, tokenStore.issueRefreshToken(grant))
    }

    /// Changes the scenario while the service runs. Faults and accounts do not change.
    public func reconfigure(_ change: @Sendable (inout Scenario) -> Void) { change(&scenario) }

    /// Drops an account from every party session, as if its push connection had been lost for too long.
    public func dropMembership(of name: String) {
        guard let account = account(name) else { return }
        dropMemberships(of: account.accountId)
        release()
    }

    public func expireAccessTokens() { tokenStore.expireAccessTokens() }

    public func killRefreshTokens() { tokenStore.killRefreshTokens() }

    /// The account with this id, online id or letter.
    nonisolated func account(_ name: String) -> SimulatedAccount? {
        for (index, account) in accounts.enumerated() {
            let names = [account.accountId, account.onlineId, SimulatedAccount.letter(index)]
            if names.contains(where: { $0.lowercased() == name.lowercased() }) { return account }
        }
        return nil
    }
}

/// The time of this machine in milliseconds since 1970.
public func wallClock() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
