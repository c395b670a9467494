/// The seam to the network. Everything above it is values and decisions; tests put the simulator, or a refusal, here.
public protocol Transport: Sendable {
    /// Sends one request and waits for the whole answer.
    /// - Throws: `TransportError` where no answer came. Cancelling the task ends the wait at once with `.cancelled`.
    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse

    /// Opens the push socket and returns once the upgrade is done.
    /// - Throws: `TransportError`; a refused upgrade is `.refused` with status and headers. Cancelling the task gives the
    ///   attempt up at once with `.cancelled`.
    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection
}
