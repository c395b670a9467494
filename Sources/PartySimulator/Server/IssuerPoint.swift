import Glibc

/// Answers what comes in plain text to a server that leaves out its intermediate certificate: with that certificate, and
/// with 404 to all else.
struct IssuerPoint {
    static let path = "/_sim/issuer.der"

    let wire: Wire
    let issuer: [UInt8]

    /// Whether who has connected speaks something other than TLS, whose first byte is that of a handshake record
    /// (RFC 8446, 5.1). It stays unread.
    static func isPlain(_ descriptor: Int32) -> Bool {
        var source = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var first: UInt8 = 0
        return unsafe poll(&source, 1, 1000) == 1
            && recv(descriptor, &first, 1, Int32(MSG_PEEK)) == 1 && first != 0x16
    }

    /// Serves one request and ends the connection.
    func run() {
        var reader = HTTPReader()
        guard let request = try? reader.next(wire).request else { return }
        let isKnown = request.method == "GET" && request.path == Self.path
        let response = SimulatedResponse(
            status: isKnown ? 200 : 404, headers: [("Content-Type", "application/pkix-cert")],
            body: isKnown ? issuer : [])
        try? wire.writeAll(response.wireBytes(isLast: true))
        wire.finish()
    }
}
