/// An open push connection of an account.
struct PushSocket: Sendable {
    let id: Int
    let accountId: String
    let platform: String
    let version: String
    /// On 3.0 nothing is pushed before the 1003 frame was accepted.
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
}

extension SimulatedService {
    static let pushRoutes: [Route] = [
        Route("GET", "/np/serveraddr") { (service, call) throws(Refusal) in try service.pushAddress(call) }
    ]

    /// The protocol versions and the keep-alive type that goes with each.
    private static let versions = ["3.0": "6", "2.1": "3"]

    private func pushAddress(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        let version = call.request.query("version") ?? ""
        guard let type = Self.versions[version] else { throw .query("version") }
        guard call.request.query("keepAliveStatusType") == type else { throw .query("keepAliveStatusType") }
        guard call.request.query("fields") == "keepAliveStatus" else { throw .query("fields") }
        askedVersions[caller.account.accountId, default: []].insert(version)
        let figures = scenario.keepAlive ?? (type == "6" ? .type6 : .type3)
        let status: JSONValue = [
            "clientKeepAliveInterval": .integer(Int64(figures.clientKeepAliveInterval)),
            "clientKeepAliveTimeout": .integer(Int64(figures.clientKeepAliveTimeout)),
            "serverKeepAliveTimeout": .integer(Int64(figures.serverKeepAliveTimeout)),
            "serverPresenceTimeout": .integer(Int64(figures.serverPresenceTimeout)),
        ]
        return SimulatedResponse(200, json: ["fqdn": .string(pushAddress), "keepAliveStatus": status])
    }

    /// Opens a push connection for a request to `/np/pushNotification`.
    ///
    /// The headers of RFC 6455 itself are the transport's to check, except for the subprotocol.
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

    private func checkUpgrade(_ request: SimulatedRequest) throws(Refusal) -> TokenDesk.Grant {
        guard request.method == "GET", request.path == "/np/pushNotification" else { throw .notFound() }
        guard let grant = bearer(request) else { throw Call.unauthorized(.sessionManager) }
        let offered = request.header("Sec-WebSocket-Protocol")?.split(separator: ",").map { $0.filter { $0 != " " } }
        guard offered?.contains("np-pushpacket") == true else { throw .header("Sec-WebSocket-Protocol") }
        let version = request.header("X-PSN-PROTOCOL-VERSION") ?? ""
        guard let type = Self.versions[version], askedVersions[grant.accountId]?.contains(version) == true else {
            throw .header("X-PSN-PROTOCOL-VERSION")
        }
        guard request.header("X-PSN-KEEP-ALIVE-STATUS-TYPE") == type else {
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

    private func open(_ grant: TokenDesk.Grant, _ request: SimulatedRequest, _ fault: Fault?) -> SimulatedPush {
        let isAnew =
            closings.contains { $0.accountId == grant.accountId }
            || sockets.values.contains { $0.accountId == grant.accountId }
        if isAnew && scenario.membershipOnReconnect == .dropped { dropMemberships(of: grant.accountId) }
        let version = request.header("X-PSN-PROTOCOL-VERSION") ?? ""
        socketCount += 1
        let (stream, continuation) = AsyncStream.makeStream(of: SimulatedPushOutput.self)
        var socket = PushSocket(
            id: socketCount, accountId: grant.accountId, platform: grant.platform, version: version, isReady: false,
            output: continuation)
        var handshake = PushHandshake()
        handshake.delayMilliseconds = fault?.delayMilliseconds ?? 0
        if scenario.closesSilentPush {
            handshake.silenceLimitMilliseconds = (scenario.keepAlive ?? .type6).serverKeepAliveTimeout
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
        // 2.1 knows no auth frame: the upgrade's bearer is all.
        if version == "2.1" { makeReady(socket.id) }
        return SimulatedPush(output: stream, handshake: handshake, service: self, socket: socket.id)
    }

    private func makeReady(_ id: Int) {
        guard var socket = sockets[id], !socket.isReady else { return }
        socket.isReady = true
        let outputs = socket.onReady
        socket.onReady = []
        sockets[id] = socket
        for output in outputs { deliver(output, to: socket) }
    }

    func messageArrived(_ text: [UInt8], on id: Int) {
        guard let socket = sockets[id] else { return }
        guard let reason = fault(in: text, on: socket) else { return makeReady(id) }
        // What the service does about a bad frame is in no source; 1008 is the code of RFC 6455 for it.
        socket.output.yield(.close(code: 1008, reason: reason))
    }

    /// What is wrong with a 1003 frame; nil where nothing is.
    private func fault(in text: [UInt8], on socket: PushSocket) -> String? {
        guard let frame = try? JSONReader.read(text) else { return "not JSON" }
        guard socket.version == "3.0" else { return "no frames on 2.1" }
        guard Set(frame.keys) == ["version", "method", "tranId", "accountId", "status", "auth"] else { return "keys" }
        guard frame["version"]?.string == "3.0" else { return "version" }
        guard frame["method"]?.integer == 1003 else { return "method" }
        guard frame["tranId"]?.string?.isEmpty == false else { return "tranId" }
        guard frame["accountId"]?.integer.map(String.init) == socket.accountId else { return "accountId" }
        guard frame["status"]?.string == "active" else { return "status" }
        guard let token = frame["auth"]?["accessToken"]?.string,
            desk.accessGrant(token, now: now())?.accountId == socket.accountId
        else { return "auth.accessToken" }
        return nil
    }

    func pingArrived(_ payload: [UInt8], on id: Int) {
        guard let socket = sockets[id], socket.pongs else { return }
        socket.output.yield(.pong(payload))
    }

    func pushEnded(_ id: Int, code: Int?) {
        guard let socket = sockets.removeValue(forKey: id) else { return }
        socket.output.finish()
        closings.append(PushClosing(accountId: socket.accountId, code: code))
    }

    func sendWaiting() {
        let events = waiting
        waiting = []
        for event in events {
            for socket in sockets.values where socket.accountId == event.accountId && socket.isReady {
                deliver(.text(event.text), to: socket)
            }
        }
    }

    private func deliver(_ output: SimulatedPushOutput, to socket: PushSocket) {
        if case .text(let text) = output, socket.pieces > 1 {
            socket.output.yield(.fragmented(text, pieces: socket.pieces))
        } else if case .burst(var burst) = output {
            burst.accountId = socket.accountId
            socket.output.yield(.burst(burst))
        } else {
            socket.output.yield(output)
        }
    }

    /// Sends something down every ready push connection of an account.
    ///
    /// - Returns: how many connections that were.
    @discardableResult
    public func push(_ output: SimulatedPushOutput, to name: String) -> Int {
        guard let account = account(name) else { return 0 }
        let ready = sockets.values.filter { $0.accountId == account.accountId && $0.isReady }
        for socket in ready { deliver(output, to: socket) }
        return ready.count
    }
}
