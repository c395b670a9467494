import PartyCore

/// The forms in which `show --follow` writes the members of a party.
enum RosterForm: Sendable, Equatable {
    /// One online id a line.
    case names
    /// The party document.
    case json

    /// - Parameter current: the current party of the profile.
    /// - Returns: complete lines; no line if there is no member.
    func lines(_ party: PartySession?, me: AccountID, current: PartyID?) -> [UInt8] {
        switch self {
        case .names: return Self.names(party).flatMap { Array(($0.displayed + "\n").utf8) }
        case .json:
            let json = JSONWriter.text { json in
                if let party { json.party(party, me: me, current: current) } else { json.null() }
            }
            return json + [0x0A]
        }
    }

    /// A member with several devices is named once.
    private static func names(_ party: PartySession?) -> [String] {
        var seen: Set<AccountID> = []
        return (party?.members ?? []).filter { seen.insert($0.accountID).inserted }.map(\.displayName)
    }
}
