/// The party session and the own device of a voice run.
public struct VoiceIdentity: Sendable, Equatable {
    /// The party session.
    public let party: PartyID
    /// The own device, as in the roster.
    public let me: Signal.Endpoint
    /// The highest number of an earlier message of this profile.
    public let lastSequence: Int64
    /// The look-up that found it.
    let look: PartyLook

    /// Numbers are reserved in blocks of this size.
    private static let sequences: Int64 = 1000

    /// Finds the own device among the members.
    /// - Parameters:
    ///   - party: the party session.
    ///   - client: the client of the profile.
    /// - Throws: `PartyError` of kind `.forbidden` if the account is no member; the errors of a look-up.
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
