/// The party session and the device of ours that a voice run speaks for.
public struct VoiceIdentity: Sendable, Equatable {
    /// The party session.
    public let party: PartyID
    /// Our own device, as the roster has it.
    public let me: Signal.Endpoint
    /// The highest number of a message that was sent before.
    public let lastSequence: Int64
    /// The look-up that found it.
    let look: PartyLook

    /// So many numbers are taken at once, and not given back.
    private static let sequences: Int64 = 1000

    /// Finds our own device among the members.
    /// - Throws: `.forbidden` where we are not in it.
    public init(in party: PartyID, _ client: PartyClient) async throws(PartyError) {
        let account = try await client.accessToken().accountID
        look = try await client.look(at: party)
        guard let me = look.party.endpoint(of: account) else {
            throw PartyError(
                .forbidden, "you are not in the party \(party)", step: "voice", remedy: .joinParty(party))
        }
        self.party = party
        self.me = me
        lastSequence = try await SignalChannel(client).takeSequences(Self.sequences).lowerBound - 1
    }
}
