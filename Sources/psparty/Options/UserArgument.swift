import ArgumentParser
import PartyCore

/// A USER on the command line: an account id (all digits), an online id, or `me`.
enum UserArgument: ExpressibleByArgument, Sendable, Equatable {
    case me
    case account(AccountID)
    case onlineID(String)

    init?(argument: String) {
        if argument.lowercased() == "me" {
            self = .me
        } else if let account = AccountID(argument) {
            self = .account(account)
        } else {
            let isOnlineID =
                (1...64).contains(argument.utf8.count)
                && argument.utf8.contains { !($0 &- 0x30 < 10) }
                && argument.utf8.allSatisfy { byte in
                    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F
                }
            guard isOnlineID else { return nil }
            self = .onlineID(argument)
        }
    }

    /// Whether the member is that user; an online id matches exactly, ignoring case.
    func matches(_ member: Member, me: AccountID) -> Bool {
        switch self {
        case .me: member.accountID == me
        case .account(let account): member.accountID == account
        case .onlineID(let name): member.onlineID?.lowercased() == name.lowercased()
        }
    }
}
