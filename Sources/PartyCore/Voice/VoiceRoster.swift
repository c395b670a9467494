/// The devices in the party session of a voice run: what a look-up or an event of the stream changes. Pure.
struct VoiceRoster: Sendable {
    /// What a look-up shows.
    enum Comparison: Sendable, Equatable {
        case members(gone: [Signal.Endpoint], present: [Signal.Endpoint])
        /// The own device is not listed.
        case withoutUs
    }

    private let me: Signal.Endpoint
    /// Members that the look-up before the stream showed, and nothing has confirmed yet: they may have left before the stream
    /// was ready.
    private var unconfirmed: [Signal.Endpoint] = []

    init(me: Signal.Endpoint) {
        self.me = me
    }

    var isConfirmed: Bool { unconfirmed.isEmpty }

    /// - Returns: the members of the look-up before the stream.
    mutating func begin(with look: PartyLook) -> [Signal.Endpoint] {
        let members = look.party.endpoints(but: me)
        unconfirmed = members
        return members
    }

    /// - Returns: the devices that an event says have joined.
    mutating func join(_ members: [Member]) -> [Signal.Endpoint] {
        let endpoints = members.compactMap(\.endpoint)
        unconfirmed.removeAll { endpoints.contains($0) }
        return endpoints
    }

    /// An event says that a member left. It may leave the platform out; then all devices of the account are meant.
    /// - Parameter present: the devices that are known to be in the party session.
    /// - Returns: the devices that have left, and whether the own device is among them.
    func leave(_ member: Member, of present: [Signal.Endpoint]) -> (gone: [Signal.Endpoint], isOurs: Bool) {
        var gone = present.filter { isMeant($0, by: member) }
        let isOurs = isMeant(me, by: member) && (member.platform != nil || gone.isEmpty)
        if let endpoint = member.endpoint, !gone.contains(endpoint) { gone.append(endpoint) }
        return (gone, isOurs)
    }

    private func isMeant(_ endpoint: Signal.Endpoint, by member: Member) -> Bool {
        endpoint.accountID == member.accountID && (member.platform ?? endpoint.platform) == endpoint.platform
    }

    mutating func compare(with look: PartyLook) -> Comparison {
        let all = look.party.endpoints(but: nil)
        guard all.contains(me) else { return .withoutUs }
        let present = all.filter { $0 != me }
        defer { unconfirmed = [] }
        return .members(gone: unconfirmed.filter { !present.contains($0) }, present: present)
    }
}
