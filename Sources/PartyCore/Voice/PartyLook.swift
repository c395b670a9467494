/// The result of a look-up of a party session: its members, and its linked bridges in the service's order.
package struct PartyLook: Sendable, Equatable {
    let party: PartySession
    let bridges: [Bridge]
    /// When the service was asked, in monotonic time.
    let askedAt: Duration
}

extension PartyClient {
    /// Looks a party session up with its bridges.
    func look(at id: PartyID) async throws(PartyError) -> PartyLook {
        let askedAt = environment.clock.uptime()
        let response = try await send(endpoints.lookUp(id), about: id, step: "look-up")
        let parties = try read(response, step: "look-up", SessionPayload.sessions)
        guard let party = parties.first(where: { $0.id == id }) else { throw Self.noSuchParty(id) }
        let bridges = try read(response, step: "look-up") { (body) throws(CodecError) in
            try BridgePayload.bridges(of: id, in: body)
        }
        return PartyLook(party: party, bridges: bridges, askedAt: askedAt)
    }

    /// Whether the service still shows that own device in the party session.
    /// - Returns: the look-up; `nil` if the account is no member.
    func standing(of me: Signal.Endpoint, in id: PartyID) async throws(PartyError) -> PartyLook? {
        do throws(PartyError) {
            let look = try await look(at: id)
            return look.party.endpoints(but: nil).contains(me) ? look : nil
        } catch {
            guard error.kind == .notFound || error.kind == .forbidden else { throw error }
            return nil
        }
    }
}
