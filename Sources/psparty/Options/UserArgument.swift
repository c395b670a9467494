import ArgumentParser
import PartyCore

/// A USER argument: an account id (all digits), an online id, or `me`.
struct UserArgument: ExpressibleByArgument, Sendable, Equatable {
    let reference: UserReference

    static let forms = "a user is an account id (all digits), an online id, or the word me"

    init?(argument: String) {
        if argument.lowercased() == "me" {
            reference = .me
        } else if let account = AccountID(argument) {
            reference = .account(account)
        } else if Self.isOnlineID(argument) {
            reference = .onlineID(argument)
        } else {
            return nil
        }
    }

    /// Letters, digits, `-` and `_`. Digits alone are rejected: they are an account id that exceeds 64 bits.
    private static func isOnlineID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.contains { !($0 &- 0x30 < 10) }
            && text.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F
            }
    }
}
