/// The contexts of memberships, by which the push service counts their events (docs/protocol.md, 7.4).
extension PartyClient {
    /// How long the process that holds the push connection may take to send its context.
    private static let timeout: Duration = .seconds(1)

    /// The context of the profile's running stream, or a new one if none runs.
    func context() async -> ContextID {
        guard environment.dryRun == nil, let account = try? authenticator.account(),
            let line = try? environment.share.join(for: account)
        else { return newContext() }
        let limit = Task { [clock = environment.clock] in
            await clock.sleep(Self.timeout)
            line.close()
        }
        defer {
            limit.cancel()
            line.close()
        }
        for await lines in line.received {
            if let greeting = lines.first.flatMap({ StreamGreeting($0) }) { return greeting.context }
            break
        }
        return newContext()
    }

    /// Joins a party session again from which the service has dropped the account.
    /// - Returns: the new context of the membership.
    func rejoin(_ id: PartyID, voice: Bool) async throws(PartyError) -> ContextID {
        let context = newContext()
        _ = try await rest.send(endpoints.join(id, by: nil, context: context, voice: voice), step: "join again")
        _ = try? await rest.send(endpoints.confirmMembership(id), step: "join again")
        return context
    }

    private func newContext() -> ContextID {
        ContextID(environment.random.uuid())
    }
}
