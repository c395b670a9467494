/// Sends signals to the members of a party session (docs/protocol.md, 4.14 and 6).
package struct SignalChannel: Sendable {
    private let client: PartyClient
    private let file: LedgerFile
    private static let step = "signal"

    package init(_ client: PartyClient) {
        self.client = client
        file = LedgerFile(environment: client.environment)
    }

    /// Reserves the next numbers of this profile for messages. They increase over all its messages and processes.
    /// A process that sends many messages reserves many at once.
    package func takeSequences(_ count: Int64) async throws(PartyError) -> ClosedRange<Int64> {
        try await file.change { $0.takeSequences(count) }
    }

    /// The number of a negotiation with a device: an offer begins another one, anything else belongs to the last.
    package func negotiation(
        _ kind: Signal.Kind, with endpoint: Signal.Endpoint, in id: PartyID
    ) async throws(PartyError) -> Int64 {
        try await file.change { $0.negotiation(kind, with: endpoint, in: id) }
    }

    /// Sends one message to its device. It is never sent twice, because it is unknown whether it was read.
    /// - Parameter recipient: the receiver as in the roster, if the signal names it differently.
    /// - Parameter isPlain: whether to omit the binary header.
    /// - Parameter reserve: how many requests of the profile's budget must remain for more important ones.
    /// - Throws: `.badData` if a platform has no known number.
    package func send(
        _ signal: Signal, to recipient: Signal.Endpoint? = nil, in id: PartyID, isPlain: Bool = false,
        keeping reserve: Int = 0
    ) async throws(PartyError) {
        let payload: String
        do throws(CodecError) {
            payload = try isPlain ? SignalPayload.plain(signal) : SignalPayload.encode(signal)
        } catch {
            throw PartyError(.badData, "the signal cannot be written: \(error.problem)", step: Self.step)
        }
        var request = client.endpoints.signal(payload, to: recipient ?? signal.to, in: id)
        request.budgetReserve = reserve
        _ = try await client.rest.send(request, step: Self.step)
    }
}

extension PartySession {
    /// The own device, as signals name it: of several devices of the account the mobile app, as which psparty signs in.
    package func endpoint(of account: AccountID) -> Signal.Endpoint? {
        let own = members.filter { $0.accountID == account }.compactMap(\.platform)
        return (own.contains(.mobileApp) ? .mobileApp : own.first).map {
            Signal.Endpoint(accountID: account, platform: $0)
        }
    }

    /// Every device in the party session except one, as signals name it.
    package func endpoints(but own: Signal.Endpoint?) -> [Signal.Endpoint] {
        members.compactMap { member in
            member.platform.map { Signal.Endpoint(accountID: member.accountID, platform: $0) }
        }.filter { $0 != own }
    }
}
