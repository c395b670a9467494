/// The account of one person on the service: an unsigned 64-bit number.
///
/// The wire writes it as a decimal string in REST bodies and as a JSON integer in push frames (docs/protocol.md, 7.4).
/// It never passes through floating point, which cannot hold it; our own JSON always writes it as a string.
public struct AccountID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number, 0 to 2^64 - 1. 0 stands for an anonymous account.
    public let number: UInt64

    /// An account by its number.
    public init(_ number: UInt64) {
        self.number = number
    }

    /// Reads decimal digits and nothing else; `nil` for a number of more than 64 bits.
    public init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text) else {
            return nil
        }
        self.number = number
    }

    public var description: String { String(number) }

    public static func < (left: AccountID, right: AccountID) -> Bool {
        left.number < right.number
    }
}
