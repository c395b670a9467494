internal import Synchronization

/// Tells of everything that goes through another transport; neither side of it knows.
package struct TracingTransport: Transport {
    private final class Counter: Sendable {
        private let last = Mutex(0)

        func next() -> Int {
            last.withLock { last in
                last += 1
                return last
            }
        }
    }

    private let transport: any Transport
    private let clock: PartyClock
    private let trace: Trace
    private let counter = Counter()

    package init(_ transport: any Transport, clock: PartyClock, trace: Trace) {
        self.transport = transport
        self.clock = clock
        self.trace = trace
    }

    package func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        let exchange = counter.next()
        let target = "\(request.method.rawValue) \(Redaction.url(request.url))"
        if trace.showsWire {
            tellRequest(exchange, target, request.headers, Redaction.body(request.body))
        }
        let start = clock.uptime()
        do throws(TransportError) {
            let response = try await transport.send(request)
            if trace.showsWire { tellAnswer(exchange, response) }
            end(request.step ?? "request", target, "HTTP \(response.status)", since: start)
            return response
        } catch {
            end(request.step ?? "request", target, Self.outcome(error), since: start)
            throw error
        }
    }

    package func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        let exchange = counter.next()
        let target = "GET \(Redaction.url(request.url))"
        if trace.showsWire {
            let subprotocol = HeaderField("Sec-WebSocket-Protocol", request.subprotocol)
            tellRequest(exchange, target, request.headers + [subprotocol], nil)
        }
        let start = clock.uptime()
        do throws(TransportError) {
            let opened = try await transport.openPush(request)
            end("push", target, "HTTP 101", since: start)
            return trace.showsWire ? traced(opened, exchange) : opened
        } catch {
            if trace.showsWire, case .refused(let response) = error.kind { tellAnswer(exchange, response) }
            end("push", target, Self.outcome(error), since: start)
            throw error
        }
    }

    private func tellRequest(_ exchange: Int, _ line: String, _ headers: [HeaderField], _ body: String?) {
        trace.tell(.request(exchange: exchange, line: line, headers: headers.map(Redaction.header), body: body))
    }

    private func tellAnswer(_ exchange: Int, _ response: RESTResponse) {
        trace.tell(
            .answer(
                exchange: exchange, line: "HTTP \(response.status)", headers: response.headers.map(Redaction.header),
                body: response.body.isEmpty ? nil : Redaction.body(response.body)))
    }

    private func end(_ step: String, _ target: String, _ outcome: String, since start: Duration) {
        trace.tell(.step(name: step, target: target, outcome: outcome, took: clock.uptime() - start))
    }

    private static func outcome(_ error: TransportError) -> String {
        if case .refused(let response) = error.kind { return "HTTP \(response.status)" }
        return "\(error.phase.rawValue): \(Redaction.scrubbed(error.detail))"
    }

    /// The same connection with every frame told on its way.
    private func traced(_ opened: PushConnection, _ exchange: Int) -> PushConnection {
        let arrivals = PushArrivals()
        opened.arrivals.receive { [trace] batch in
            for arrival in batch { trace.tell(.frameReceived(exchange: exchange, arrival.shown)) }
            arrivals.put(batch)
        }
        return PushConnection(
            arrivals: arrivals,
            send: { [trace] text in
                trace.tell(.frameSent(exchange: exchange, Redaction.body(text)))
                opened.send(text)
            },
            ping: { [trace] in
                trace.tell(.frameSent(exchange: exchange, "ping"))
                opened.ping()
            },
            close: { [trace] code, reason in
                trace.tell(.frameSent(exchange: exchange, "close \(code)"))
                opened.close(code, reason)
            }, taken: opened.taken)
    }
}

extension PushArrival {
    fileprivate var shown: String {
        switch self {
        case .frame(let bytes): Redaction.body(bytes)
        case .pong: "pong"
        case .activity: "part of a message"
        case .oversized(let size): "<\(size) bytes, over the limit>"
        case .closed(.peer(let code, let reason)):
            "close \(code.map(String.init) ?? "without a code") \(Redaction.scrubbed(reason))"
        case .closed(.local): "closed"
        case .closed(.failed(let error)): "broken: \(Redaction.scrubbed(error.detail))"
        }
    }
}
