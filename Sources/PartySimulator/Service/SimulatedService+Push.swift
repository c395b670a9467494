/// An open push connection of an account.
struct PushSocket: Sendable {
    let id: Int
    let accountId: String
    let platform: String
    let version: String
    var keepAliveType: String
    /// Whether events are pushed: at once, or on version 3.0 after the first 1003 frame if the scenario requires it.
    var isReady: Bool
    var pongs = true
    var pieces = 1
    var onReady: [SimulatedPushOutput] = []
    let output: AsyncStream<SimulatedPushOutput>.Continuation
}

/// How a push connection ended.
struct PushClosing: Sendable {
    let accountId: String
    /// The code of the client's close frame.
    let code: Int?
    /// Milliseconds since 1970.
    let endedAt: Int64
}

extension SimulatedService {
    static let pushRoutes: [Route] = [
        Route("GET", "/np/serveraddr") { (service, call) throws(Refusal) in try service.pushAddress(call) }
    ]

    /// The protocol versions and the keep-alive types that go with each.
    private static let versions = ["3.0": ["6", "3"], "2.1": ["3"]]

    private func pushAddress(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        let version = call.request.query("version") ?? ""
        guard let types = Self.versions[version] else { throw .query("version") }
        guard let type = call.request.query("keepAliveStatusType"), types.contains(type) else {
            throw .query("keepAliveStatusType")
        }
        guard call.request.query("fields") == "keepAliveStatus" else { throw .query("fields") }
        if let refusal = scenario.lookUpRefusal { throw Self.refused(refusal) }
        lookedUp[caller.account.accountId, default: []].insert("\(version)/\(type)")
        let status = scenario.figures(ofType: type).json
        return SimulatedResponse(200, json: ["fqdn": .string(pushAddress), "keepAliveStatus": status])
    }

    private static func refused(_ refusal: Scenario.LookUpRefusal) -> Refusal {
        let error: JSONValue = [
            "referenceId": .string(Random.uuid()), "code": .integer(Refusal.Base.sessionManager.rawValue | 0x080),
            "message": "Bad Request", "retryIntervalMin": refusal.shortest.json,
            "retryIntervalMax": refusal.longest.json,
        ]
        return Refusal(SimulatedResponse(refusal.status, json: ["error": error]))
    }

    /// Opens a push connection for a request to `/np/pushNotification`.
    ///
    /// The transport checks the headers of RFC 6455, except for the subprotocol.
    public func openPush(_ request: SimulatedRequest) async -> PushOpening {
        let grant = bearer(request)
        let fault = takeFault(request, accountId: grant?.accountId)
        if let fault { strike(fault.action, accountId: grant?.accountId) }
        switch fault?.action {
        case .drop: return failed(.drop, request, fault)
        case .reset: return failed(.reset, request, fault)
        case .truncated(let count):
            return failed(.truncated(SimulatedResponse(status: 500), bodyBytes: count), request, fault)
        case .status(let response): return refused(response, request, fault)
        default: break
        }
        do {
            let grant = try checkUpgrade(request)
            record(request, accountId: grant.accountId, status: 101)
            let push = open(grant, request, fault)
            release()
            return .opened(push)
        } catch {
            return refused(error.response, request, fault)
        }
    }

    private func failed(_ reply: SimulatedReply, _ request: SimulatedRequest, _ fault: Fault?) -> PushOpening {
        record(request, accountId: bearer(request)?.accountId, status: nil)
        let delay = fault?.delayMilliseconds ?? 0
        return .failed(delay > 0 ? .delayed(milliseconds: delay, then: reply) : reply)
    }

    private func refused(
        _ response: SimulatedResponse, _ request: SimulatedRequest, _ fault: Fault?
    ) -> PushOpening {
        record(request, accountId: bearer(request)?.accountId, status: response.status)
        guard let delay = fault?.delayMilliseconds, delay > 0 else { return .refused(response) }
        return .failed(.delayed(milliseconds: delay, then: .answer(response)))
    }

    private func checkUpgrade(_ request: SimulatedRequest) throws(Refusal) -> TokenStore.Grant {
        guard request.method == "GET", request.path == "/np/pushNotification" else { throw .notFound() }
        guard let grant = bearer(request) else { throw Call.unauthorized(.sessionManager) }
        let offered = request.header("Sec-WebSocket-Protocol")?.split(separator: ",").map { $0.filter { $0 != " " } }
        guard offered?.contains("np-pushpacket") == true else { throw .header("Sec-WebSocket-Protocol") }
        let version = request.header("X-PSN-PROTOCOL-VERSION") ?? ""
        let known = lookedUp[grant.accountId] ?? []
        guard known.contains(where: { $0.hasPrefix(version + "/") }) else { throw .header("X-PSN-PROTOCOL-VERSION") }
        guard known.contains("\(version)/\(request.header("X-PSN-KEEP-ALIVE-STATUS-TYPE") ?? "")") else {
            throw .header("X-PSN-KEEP-ALIVE-STATUS-TYPE")
        }
        for name in ["X-PSN-APP-TYPE", "X-PSN-APP-VER", "X-PSN-OS-VER"] where request.header(name)?.isEmpty ?? true {
            throw .header(name)
        }
        guard ["true", "false"].contains(request.header("X-PSN-RECONNECTION")) else {
            throw .header("X-PSN-RECONNECTION")
        }
        if scenario.pushNeedsDuid && grant.duid.isEmpty {
            let wait = [("X-PSN-RETRY-INTERVAL-MIN", "120"), ("X-PSN-RETRY-INTERVAL-MAX", "1200")]
            throw Refusal(SimulatedResponse(status: 403, headers: wait.map { (name: $0.0, value: $0.1) }))
        }
        return grant
    }

    private func open(_ grant: TokenStore.Grant, _ request: SimulatedRequest, _ fault: Fault?) -> SimulatedPush {
        let version = request.header("X-PSN-PROTOCOL-VERSION") ?? ""
        let type = request.header("X-PSN-KEEP-ALIVE-STATUS-TYPE") ?? ""
        if costsMembership(grant, request, type) { dropMemberships(of: grant.accountId) }
        socketCount += 1
        let (stream, continuation) = AsyncStream.makeStream(of: SimulatedPushOutput.self)
        var socket = PushSocket(
            id: socketCount, accountId: grant.accountId, platform: grant.platform, version: version,
            keepAliveType: type, isReady: false, output: continuation)
        var handshake = PushHandshake()
        handshake.delayMilliseconds = fault?.delayMilliseconds ?? 0
        if scenario.closesSilentPush {
            handshake.silenceLimitMilliseconds = scenario.figures(ofType: type).serverKeepAliveTimeout.milliseconds
        }
        switch fault?.action {
        case .noSubprotocol: handshake.subprotocol = nil
        case .bigHeaders(let kilobytes):
            let filling = String(repeating: "x", count: 1000)
            handshake.headers = (0..<kilobytes).map { ("X-Psparty-Sim-\($0)", filling) }
        case .noPong: socket.pongs = false
        case .fragmented(let pieces): socket.pieces = pieces
        case .onReady(let outputs, let pongs):
            socket.onReady = outputs
            socket.pongs = pongs
        default: break
        }
        sockets[socket.id] = socket
        peakSockets = max(peakSockets, sockets.values.count { $0.accountId == grant.accountId })
        // The bearer token of the upgrade signs in. Version 2.1 has no client frames.
        if version == "2.1" || !scenario.statusFrameNeeded { makeReady(socket.id) }
        return SimulatedPush(output: stream, handshake: handshake, service: self, socket: socket.id)
    }

    /// Whether the account loses its memberships when it opens a push connection.
    private func costsMembership(_ grant: TokenStore.Grant, _ request: SimulatedRequest, _ type: String) -> Bool {
        let lost = closings.last { $0.accountId == grant.accountId }?.endedAt
        let isStillOpen = sockets.values.contains { $0.accountId == grant.accountId }
        guard lost != nil || isStillOpen else { return false }
        switch scenario.membershipOnReconnect {
        case .kept: return false
        case .dropped: return true
        case .keptInTime:
            let limit = scenario.figures(ofType: type).serverPresenceTimeout.milliseconds ?? 30_000
            let isInTime = isStillOpen || now() - (lost ?? 0) < Int64(limit)
            return !isInTime || request.header("X-PSN-RECONNECTION") != "true"
        }
    }

    func makeReady(_ id: Int) {
        guard var socket = sockets[id], !socket.isReady else { return }
        socket.isReady = true
        let outputs = socket.onReady
        socket.onReady = []
        sockets[id] = socket
        for output in outputs { deliver(output, to: socket) }
    }

    func pingArrived(_ payload: [UInt8], on id: Int) {
        guard let socket = sockets[id], socket.pongs else { return }
        socket.output.yield(.pong(payload))
    }

    func pushEnded(_ id: Int, code: Int?) {
        guard let socket = sockets.removeValue(forKey: id) else { return }
        socket.output.finish()
        closings.append(PushClosing(accountId: socket.accountId, code: code, endedAt: now()))
    }

    func sendWaiting() {
        let events = waiting
        waiting = []
        for event in events {
            for socket in sockets.values where socket.accountId == event.accountId && socket.isReady {
                deliver(.text(event.text(version: socket.version)), to: socket)
            }
        }
    }

    func deliver(_ output: SimulatedPushOutput, to socket: PushSocket) {
        if case .text(let text) = output, socket.pieces > 1 {
            socket.output.yield(.fragmented(text, pieces: socket.pieces))
        } else if case .burst(var burst) = output {
            burst.accountId = socket.accountId
            burst.version = socket.version
            socket.output.yield(.burst(burst))
        } else {
            socket.output.yield(output)
        }
    }

    /// Sends output to every ready push connection of an account.
    ///
    /// - Returns: the number of connections.
    @discardableResult
    public func push(_ output: SimulatedPushOutput, to name: String) -> Int {
        guard let account = account(name) else { return 0 }
        let ready = sockets.values.filter { $0.accountId == account.accountId && $0.isReady }
        for socket in ready { deliver(output, to: socket) }
        return ready.count
    }
}
