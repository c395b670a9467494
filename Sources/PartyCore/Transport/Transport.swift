/// The network, as the library sees it. A test gives a transport that plays the service.
public protocol Transport: Sendable {
    /// Sends one request and waits for the whole response.
    /// - Throws: ``TransportError`` if no response came. If the task is cancelled, it throws `.cancelled` at once.
    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse

    /// Opens the push socket and returns after the upgrade.
    /// - Throws: ``TransportError``; a refused upgrade is `.refused` with status and headers. If the task is cancelled, it throws
    ///   `.cancelled` at once.
    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection
}
