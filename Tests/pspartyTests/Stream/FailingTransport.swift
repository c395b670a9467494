import PartyCore
import PartyTestSupport

/// The network of a comparison: steps go on during each request, and some requests fail.
struct FailingTransport: Transport {
    let script: StreamScript
    let base: InProcessTransport

    init(_ script: StreamScript, _ base: InProcessTransport) {
        self.script = script
        self.base = base
    }

    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        if await script.meanwhile() { throw TransportError(.brokenOff, .exchange, "broken by the script") }
        let response = try await base.send(request)
        if await script.meanwhile() { throw TransportError(.brokenOff, .exchange, "broken by the script") }
        return response
    }

    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        try await base.openPush(request)
    }
}
