/// Records when each refusal arrived, so that a date in it can be compared with the clock of this machine.
struct ArrivalStamp: Transport {
    private let transport: any Transport
    private let clock: PartyClock

    init(_ transport: any Transport, clock: PartyClock) {
        self.transport = transport
        self.clock = clock
    }

    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        let response = try await transport.send(request)
        return response.status < 400 ? response : stamped(response)
    }

    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        do throws(TransportError) {
            return try await transport.openPush(request)
        } catch {
            guard case .refused(let response) = error.kind else { throw error }
            throw TransportError(.refused(stamped(response)), error.phase, error.detail)
        }
    }

    private func stamped(_ response: RESTResponse) -> RESTResponse {
        var response = response
        response.receivedAt = clock.now()
        return response
    }
}
