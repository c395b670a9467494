internal import Synchronization

/// Fetches a certificate that a server left out of its chain from the address that the chain names, and retries: for
/// servers that send their leaf certificate only (docs/protocol.md, 7.1). What was fetched is offered as a link; whether the
/// chain then ends in a trusted root is decided by the transport.
package struct ChainCompletion: Transport {
    /// Chains have two or three certificates; longer ones are given up.
    private static let mostSteps = 3
    private static let timeout: Duration = .seconds(5)
    private static let largest = 64 << 10

    private let transport: any Transport
    private let clock: PartyClock
    private let trace: Trace?
    private let file: IssuerFile
    private let memory = Memory()

    /// The stored certificates, after the first look.
    private final class Memory: Sendable {
        let entries = Mutex<[IssuerFile.Entry]?>(nil)
    }

    /// A fetch that did not help, for people.
    private struct Try {
        var found: [IssuerFile.Entry] = []
        var asked: Set<String> = []
        var problem: String?
        let limit: Duration
    }

    /// - Parameter store: keeps fetched certificates; `nil` for nowhere.
    package init(_ transport: any Transport, store: (any Store)?, clock: PartyClock, trace: Trace?) {
        self.transport = transport
        self.clock = clock
        self.trace = trace
        file = IssuerFile(store: store)
    }

    package func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        try await completing { links throws(TransportError) in
            var request = request
            request.links = links
            return try await transport.send(request)
        }
    }

    package func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        try await completing { links throws(TransportError) in
            var request = request
            request.links = links
            return try await transport.openPush(request)
        }
    }

    private func completing<Answer: Sendable>(
        _ attempt: ([[UInt8]]) async throws(TransportError) -> Answer
    ) async throws(TransportError) -> Answer {
        var search = Try(limit: clock.uptime() + Self.timeout)
        while true {
            do throws(TransportError) {
                let answer = try await attempt((search.found + known).map(\.bytes))
                remember(search.found)
                return answer
            } catch {
                if error.mayHaveArrived { remember(search.found) }
                guard let missing = error.missingIssuer, await fetch(missing, &search) else {
                    if Task.isCancelled { throw TransportError(.cancelled, error.phase, "cancelled") }
                    throw search.problem.map { error.explained(by: $0) } ?? error
                }
            }
        }
    }

    // What is known:

    private var known: [IssuerFile.Entry] {
        memory.entries.withLock { entries in
            if let entries { return entries }
            let kept = file.entries()
            entries = kept
            return kept
        }
    }

    /// A certificate that completed a chain is stored; another one is forgotten.
    private func remember(_ found: [IssuerFile.Entry]) {
        guard !found.isEmpty else { return }
        let all = memory.entries.withLock { entries in
            let others = (entries ?? []).filter { entry in !found.contains { $0.issuer == entry.issuer } }
            let all = (others + found).suffix(IssuerFile.most)
            entries = Array(all)
            return Array(all)
        }
        file.save(all)
    }

    // What is not:

    /// Whether there is a new certificate to try.
    private func fetch(_ missing: MissingIssuer, _ search: inout Try) async -> Bool {
        // The same issuer is missing again: the fetched data is not its certificate, or no certificate.
        guard search.asked.insert(missing.key).inserted else {
            search.problem = "the address that it names does not serve that certificate"
            return false
        }
        guard search.asked.count <= Self.mostSteps else { return false }
        for (index, address) in missing.addresses.enumerated() {
            let left = search.limit - clock.uptime()
            guard left > .zero, !Task.isCancelled else { break }
            var request = RESTRequest(.get, address, timeout: left / (missing.addresses.count - index))
            request.reach = missing.isOfThisMachine ? .anywhere : .publicAddresses
            if let bytes = await answer(to: request, &search) {
                search.found.append(IssuerFile.Entry(issuer: missing.key, bytes: bytes))
                trace?.tell(.note("the server left out the certificate of \(missing.name): trying again with it"))
                return true
            }
        }
        return false
    }

    private func answer(to request: RESTRequest, _ search: inout Try) async -> [UInt8]? {
        var request = request
        request.connectTimeout = request.timeout
        // The certificate is public, and its signature is verified. The request contains no secret, and no redirect is
        // followed.
        request.mayBePlain = true
        request.largestAnswer = Self.largest
        request.step = "issuer certificate"
        do throws(TransportError) {
            let response = try await transport.send(request)
            if response.status == 200, !response.body.isEmpty { return response.body }
            search.problem = "the address it names answers HTTP \(response.status)"
        } catch {
            let reason = error.kind == .insecure ? "is not asked" : "does not answer"
            search.problem = "the address it names \(reason): \(error.detail)"
        }
        return nil
    }
}

extension TransportError {
    fileprivate func explained(by problem: String) -> TransportError {
        TransportError(kind, phase, "\(detail); \(problem)", missingIssuer: missingIssuer)
    }
}
