package import PartyCore
internal import Synchronization

/// A network that fails as the test says, then works.
package final class TroubledTransport: Transport {
    private struct Troubles {
        var requests: [TransportError] = []
        var upgrades: [TransportError] = []
        /// Requests whose address contains this text wait.
        var held: String?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let transport: any Transport
    private let troubles = Mutex(Troubles())

    package init(_ transport: any Transport) {
        self.transport = transport
    }

    /// Makes the next requests and upgrades fail with these errors, in order.
    package func fail(requests: [TransportError] = [], upgrades: [TransportError] = []) {
        troubles.withLock { troubles in
            troubles.requests += requests
            troubles.upgrades += upgrades
        }
    }

    /// Makes requests whose address contains this text wait until `letGo`.
    package func hold(_ part: String) { troubles.withLock { $0.held = part } }

    package func letGo() {
        let waiting = troubles.withLock { troubles in
            defer { troubles.waiting = [] }
            troubles.held = nil
            return troubles.waiting
        }
        for request in waiting { request.resume() }
    }

    private func waitIfHeld(_ url: String) async {
        await withCheckedContinuation { continuation in
            let isHeld = troubles.withLock { troubles in
                guard let part = troubles.held, url.contains(part) else { return false }
                troubles.waiting.append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }

    /// Whether all these failures have happened.
    package var isOver: Bool { troubles.withLock { $0.requests.isEmpty && $0.upgrades.isEmpty } }

    package func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        await waitIfHeld(request.url)
        if let error = troubles.withLock({ $0.requests.isEmpty ? nil : $0.requests.removeFirst() }) { throw error }
        return try await transport.send(request)
    }

    package func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        if let error = troubles.withLock({ $0.upgrades.isEmpty ? nil : $0.upgrades.removeFirst() }) { throw error }
        return try await transport.openPush(request)
    }
}
