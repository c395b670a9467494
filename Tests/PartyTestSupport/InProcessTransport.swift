package import PartyCore
package import PartySimulator

/// The transport directly on the simulated service: no socket, no thread, only the test's clock.
package struct InProcessTransport: Transport {
    private let service: SimulatedService
    private let clock: PartyClock

    package init(_ service: SimulatedService, clock: PartyClock) {
        self.service = service
        self.clock = clock
    }

    /// The origin that requests to the simulator carry.
    package static let origin = "https://simulator.test"

    package func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        guard !Task.isCancelled else { throw TransportError(.cancelled, .preparing, "cancelled") }
        let simulated = simulated(request.method.rawValue, request.url, request.headers, request.body)
        return try await settle(await service.respond(to: simulated))
    }

    private func settle(_ reply: SimulatedReply) async throws(TransportError) -> RESTResponse {
        switch reply {
        case .answer(let response): return RESTResponse(response)
        case .delayed(let milliseconds, let then):
            await clock.sleep(.milliseconds(milliseconds))
            return try await settle(then)
        case .drop: throw TransportError(.timedOut, .exchange, "no answer within 30 s")
        case .reset: throw TransportError(.brokenOff, .exchange, "the connection broke off")
        case .truncated: throw TransportError(.brokenOff, .exchange, "the answer was cut")
        }
    }

    private func simulated(
        _ method: String, _ url: String, _ headers: [HeaderField], _ body: RESTRequest.Body?
    ) -> SimulatedRequest {
        var fields = headers.map { (name: $0.name, value: $0.revealedValue()) }
        if let body { fields.append((name: "Content-Type", value: body.contentType)) }
        let target = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).last.map { "/" + $0 }
        return SimulatedRequest(method: method, target: target ?? "/", headers: fields, body: body?.bytes ?? [])
    }

    package func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        var headers = request.headers
        headers += [
            HeaderField("Upgrade", "websocket"), HeaderField("Connection", "Upgrade"),
            HeaderField("Sec-WebSocket-Version", "13"), HeaderField("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            HeaderField("Sec-WebSocket-Protocol", request.subprotocol),
        ]
        switch await service.openPush(simulated("GET", request.url, headers, nil)) {
        case .refused(let response):
            throw TransportError(.refused(RESTResponse(response)), .exchange, "the upgrade was refused")
        case .failed(let reply):
            _ = try await settle(reply)
            throw TransportError(.malformed, .handshake, "the answer is no upgrade")
        case .opened(let push):
            return connection(push, maximumFrame: request.maximumFrame)
        }
    }

    private enum Sent: Sendable {
        case text([UInt8])
        case ping, close
    }

    private func connection(_ push: SimulatedPush, maximumFrame: Int) -> PushConnection {
        let arrivals = PushArrivals()
        let (sent, send) = AsyncStream<Sent>.makeStream()
        Task {
            for await item in sent {
                switch item {
                case .text(let text): await push.received(text)
                case .ping: await push.receivedPing([])
                case .close:
                    await push.ended(code: 1000)
                    arrivals.put([.closed(.local)])
                }
            }
        }
        Task {
            for await output in push.output {
                let came = Self.arrivals(of: output, maximumFrame: maximumFrame)
                guard case .closed? = came.last else {
                    if !came.isEmpty { arrivals.put(came) }
                    continue
                }
                await push.ended()
                arrivals.put(came)
            }
        }
        return PushConnection(
            arrivals: arrivals, send: { send.yield(.text($0)) }, ping: { send.yield(.ping) },
            close: { _, _ in send.yield(.close) })
    }

    private static func arrivals(of output: SimulatedPushOutput, maximumFrame: Int) -> [PushArrival] {
        func frame(_ bytes: [UInt8]) -> PushArrival {
            bytes.count > maximumFrame ? .oversized(bytes.count) : .frame(bytes)
        }
        let broken = PushArrival.closed(.failed(TransportError(.brokenOff, .exchange, "the connection broke")))
        switch output {
        case .text(let bytes), .fragmented(let bytes, _): return [frame(bytes)]
        case .burst(let burst): return burst.map(frame)
        case .ping: return []
        case .pong: return [.pong]
        case .close(let code, let reason):
            return [.closed(.peer(code: UInt16(exactly: code), reason: reason))]
        case .torn, .bytes, .cut, .reset: return [broken]
        }
    }
}

extension RESTResponse {
    init(_ response: SimulatedResponse) {
        self.init(
            status: response.status, headers: response.headers.map { HeaderField($0.name, $0.value) },
            body: response.body)
    }
}
