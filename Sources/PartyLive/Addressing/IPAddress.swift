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

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameter address: a `sockaddr_in` or `sockaddr_in6`; `nil` for one of another family.
    init?(_ address: UnsafeRawPointer) {
        let place: Range<Int>
        switch unsafe Int32(address.load(as: sa_family_t.self)) {
        case AF_INET: place = 4..<8
        case AF_INET6: place = 8..<24
        default: return nil
        }
        bytes = place.map { offset in unsafe address.load(fromByteOffset: offset, as: UInt8.self) }
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

extension IPAddress {
    /// Networks that are not of the whole internet: IANA's registries of addresses for special purposes (RFC 6890),
    /// multicast and what is reserved.
    private static let special4 = networks([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
    ])
    /// Within `global6`.
    private static let special6 = networks(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])
    private static let global6 = networks(["2000::/3"])
    /// Those whose last four bytes are an IPv4 address: mapped ones, and those of a translator (RFC 6052).
    private static let embedding = networks(["::ffff:0:0/96", "64:ff9b::/96"])

    private typealias Network = (address: IPAddress, bits: Int)

    private static func networks(_ texts: [String]) -> [Network] {
        texts.compactMap { text in
            let parts = text.split(separator: "/")
            guard parts.count == 2, let address = IPAddress(parts[0]), let bits = Int(parts[1]) else { return nil }
            return (address, bits)
        }
    }

    private func lies(in networks: [Network]) -> Bool {
        networks.contains { hasPrefix($0.bits, of: $0.address) }
    }

    /// Whether it is a public address: not loopback, private or reserved.
    var isPublic: Bool {
        guard isVersion6 else { return !lies(in: Self.special4) }
        if lies(in: Self.embedding) { return IPAddress(bytes: Array(bytes.suffix(4))).isPublic }
        return lies(in: Self.global6) && !lies(in: Self.special6)
    }
}

extension IPAddress: CustomStringConvertible {
    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isVersion6 ? AF_INET6 : AF_INET
        guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "no address" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// As curl opens its own sockets: SOCK_CLOEXEC is O_CLOEXEC (socket(2) in the kernel).
func openSocket(family: Int32, kind: Int32, protocol number: Int32) -> Int32 {
    socket(family, kind | O_CLOEXEC, number)
}
