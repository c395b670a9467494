/// Stand-ins for what belongs to people: the same for the same value, of the same form, and nothing more in common.
///
/// They are numbered as the values come, from a random number on, so nothing of a value is in them, and those of two files
/// cannot be told to be of one person. Which value had which is forgotten with this.
package struct Pseudonyms: Sendable {
    private enum Kind: UInt8 {
        case account, onlineID, uuid, hex, address4, address6, number, text, field
    }

    /// By fingerprints under the random key of this process (`Hasher`): the values themselves are not kept.
    private var numbers: [Int: Int] = [:]
    private var next: [Kind: Int] = [:]
    private let random: PartyRandom

    package init(_ random: PartyRandom) {
        self.random = random
    }

    private mutating func number(_ kind: Kind, _ value: some StringProtocol) -> Int {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(Array(value.utf8))
        let fingerprint = hasher.finalize()
        if let known = numbers[fingerprint] { return known }
        let number = next[kind] ?? 1 + random.bytes(2).reduce(0) { ($0 << 8 | Int($1)) % 400 }
        next[kind] = number + 1
        numbers[fingerprint] = number
        return number
    }

    /// An account, by its number in any spelling; 0 means no account and stays.
    mutating func account(_ id: UInt64) -> UInt64 {
        id == 0 ? 0 : 1_000_000_000_000_000_000 + UInt64(number(.account, String(id)))
    }

    mutating func onlineID(_ name: String) -> String { "psparty-user-\(number(.onlineID, name.lowercased()))" }

    mutating func uuid(_ text: String) -> String {
        "00000000-0000-4000-8000-" + String(number(.uuid, text.lowercased())).padded(to: 12)
    }

    /// Hexadecimal digits, as many as there were.
    mutating func hex(_ text: some StringProtocol) -> String {
        String(number(.hex, text.lowercased())).padded(to: text.utf8.count)
    }

    /// In a range for documentation, and beyond 254 of them in the one for benchmarks.
    mutating func address4(_ text: String) -> String {
        let number = number(.address4, text)
        return number < 255 ? "192.0.2.\(number)" : "198.18.\(number >> 8 & 255).\(number & 255)"
    }

    mutating func address6(_ text: String) -> String {
        "2001:db8::" + String(number(.address6, text.lowercased()), radix: 16)
    }

    /// Decimal digits, as many as there were where they are enough.
    mutating func number(_ digits: String) -> String {
        let number = String(number(.number, digits))
        return number.utf8.count < digits.utf8.count ? "1" + number.padded(to: digits.utf8.count - 1) : number
    }

    mutating func text(_ text: some StringProtocol) -> String { "redacted-\(number(.text, text))" }

    /// The name of a field.
    mutating func field(_ name: String) -> String { "field-\(number(.field, name))" }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - utf8.count)) + self
    }
}
