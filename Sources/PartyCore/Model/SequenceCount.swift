/// A counter of signals. It continues from numbers of peers and files, so it stays within the integers that every JSON
/// reader keeps exact. After the last number it starts again at 1.
package struct SequenceCount: Sendable, Hashable {
    /// 2^53 - 1 (RFC 8259, 6).
    package static let highest: Int64 = (1 << 53) - 1

    /// The last number taken; 0 before the first.
    package private(set) var last: Int64 = 0

    package init() {}

    /// `nil` for a number that the counter cannot continue from.
    package init?(last: Int64) {
        guard (0...Self.highest).contains(last) else { return nil }
        self.last = last
    }

    package mutating func next() -> Int64 {
        next(1).lowerBound
    }

    /// Takes a block of consecutive numbers. An empty or oversized request is clamped.
    package mutating func next(_ count: Int64) -> ClosedRange<Int64> {
        let size = min(max(count, 1), Self.highest)
        let first = size <= Self.highest - last ? last + 1 : 1
        last = first + size - 1
        return first...last
    }

    /// Continues from a peer's number if that is higher. A number without a successor is not used: the counter
    /// starts again.
    /// - Parameter text: as the peer wrote it; anything but a whole number changes nothing.
    /// - Returns: whether the counter started again.
    package mutating func follow(_ text: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard !text.isEmpty, text.utf8.allSatisfy(digits.contains) else { return false }
        guard let number = Int64(text), number < Self.highest else {
            last = 0
            return true
        }
        last = max(last, number)
        return false
    }
}
