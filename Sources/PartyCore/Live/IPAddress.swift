import Glibc

/// A numeric IP address as its 4 or 16 bytes, in network order.
struct IPAddress: Sendable, Equatable {
    let bytes: [UInt8]

    /// The strict notation only: four decimal numbers, or RFC 4291.
    init?(_ text: some StringProtocol) {
        let version4 = Self.parse(String(text), family: AF_INET, size: 4)
        guard let bytes = version4 ?? Self.parse(String(text), family: AF_INET6, size: 16) else { return nil }
        self.bytes = bytes
    }

    private static func parse(_ text: String, family: Int32, size: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: size)
        return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    var isVersion6: Bool { bytes.count == 16 }

    var isLoopback: Bool {
        isVersion6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 : bytes.first == 127
    }

    /// Whether the first `bits` bits are those of `other`, which is of the same version.
    func hasPrefix(_ bits: Int, of other: IPAddress) -> Bool {
        guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(bits) else { return false }
        return bytes.indices.allSatisfy { index in
            let rest = min(8, max(0, bits - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
            return bytes[index] & mask == other.bytes[index] & mask
        }
    }
}
