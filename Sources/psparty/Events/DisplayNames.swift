import PartyCore

extension PartyID {
    /// The start of the id, for people.
    var short: String { String(text.prefix(8)) }
}

extension Platform {
    /// The device for people.
    var word: String {
        switch self {
        case .mobileApp: "mobile"
        default: rawValue
        }
    }
}

extension Member {
    /// The online id if it is known, else the account id.
    var displayName: String { onlineID.flatMap { $0.isEmpty ? nil : $0 } ?? accountID.description }
}
