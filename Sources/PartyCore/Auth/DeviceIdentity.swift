/// The device id of a profile, made once and kept for every sign-in. The push service refuses tokens that were issued
/// without one (docs/protocol.md, 2.6 and 7.2).
package struct DeviceIdentity: Sendable {
    private let environment: PartyEnvironment
    /// The start of a desktop client's id: version 7, class 0x41, 128 bits of payload.
    private static let prefix = "0000000700410080"

    package init(_ environment: PartyEnvironment) {
        self.environment = environment
    }

    /// 48 hexadecimal digits.
    package func deviceID() async throws(PartyError) -> String {
        let files = environment.files
        if let known = try files.field("duid", of: .device) { return known }
        return try await files.locked(.device) { () throws(PartyError) in
            if let known = try files.field("duid", of: .device) { return known }
            let made = Self.prefix + environment.random.bytes(16).map(Self.hexPair).joined()
            try files.saveField("duid", made, of: .device)
            return made
        }
    }

    private static func hexPair(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
