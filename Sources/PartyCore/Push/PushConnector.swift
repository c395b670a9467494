/// The two requests that lead to an open push socket (docs/protocol.md, 7.1 and 7.2).
struct PushConnector: Sendable {
    private let environment: PartyEnvironment
    private let maximumFrame: Int
    private let client: RESTClient

    init(_ environment: PartyEnvironment, maximumFrame: Int, tries: Int = RetryPolicy.tries) {
        self.environment = environment
        self.maximumFrame = maximumFrame
        client = RESTClient(environment, tries: tries)
    }

    /// Where the socket is to be opened. Where the service refuses the newer version with the type that is wanted, it is asked
    /// with the plain type, then in the older version.
    /// - Throws: `PartyError`, with the service's advice where it gave any.
    func address(_ type: PushDialect.KeepAliveType) async throws(PartyError) -> PushAddress {
        if type != .idle {
            do throws(PartyError) { return try await address(.current(type)) } catch {
                guard error.isRefusalOfDialect else { throw error }
            }
        }
        do throws(PartyError) { return try await address(.current) } catch {
            guard error.isRefusalOfDialect else { throw error }
        }
        return try await address(.older)
    }

    private func address(_ dialect: PushDialect) async throws(PartyError) -> PushAddress {
        let hosts = environment.settings.hosts
        let response: RESTResponse
        do throws(PartyError) {
            response = try await client.send(Endpoints(hosts).pushAddress(dialect), step: "push look-up")
        } catch { throw error.asAbsentService }
        let address = try PushAddress(response.body, dialect: dialect, hosts: hosts)
        try Authenticator(environment).requireServer(at: address.url)
        return address
    }

    /// Opens the socket.
    /// - Throws: `PartyError`, with the service's advice where it gave any.
    func open(
        _ address: PushAddress, _ signedIn: SignedIn, isReconnection: Bool
    ) async throws(PartyError) -> PushConnection {
        let request = PushRequests.open(
            address, token: signedIn.accessToken, isReconnection: isReconnection,
            words: environment.settings.pushClient, maximumFrame: maximumFrame)
        do throws(TransportError) {
            return try await environment.transport.openPush(request)
        } catch {
            var failure = PartyError(error, step: "push")
            if case .refused(let response) = error.kind, response.status == 403 {
                Self.explain(&failure, by: response)
            }
            throw failure.asAbsentService
        }
    }
}

extension PushConnector {
    /// The service was seen to answer so to tokens made without a device id, and then with advice when to come back. What an edge
    /// of the network says has nothing to do with it.
    private static func explain(_ failure: inout PartyError, by response: RESTResponse) {
        if response.header("X-PSN-RETRY-INTERVAL-MIN") != nil || !response.hasTraceOfEdge {
            failure.remedy = .signInForPush
        } else {
            failure.hint = failure.hint ?? PartyError.edgePage(response, step: "push").hint
        }
    }
}

extension PartyError {
    /// Some have seen the newer look-up refused where the older one worked. A refusal that says when to come back means us,
    /// not the dialect, and so do those of the token and of too many requests.
    fileprivate var isRefusalOfDialect: Bool {
        guard let status, advice == nil, kind != .protocolViolation else { return false }
        return (400..<500).contains(status) && status != 401 && status != 429
    }

    /// A 404 here says that the push service is not at this address, not that a party or a user is missing.
    fileprivate var asAbsentService: PartyError {
        guard kind == .notFound else { return self }
        var error = self
        error.kind = .unreachable
        return error
    }
}
