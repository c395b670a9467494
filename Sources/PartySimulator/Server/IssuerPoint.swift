import Glibc

/// Answers plain-text requests to a server that omits its intermediate certificate: it serves that certificate, and 404
/// for every other path.
struct IssuerPoint {
    static let path = "/_sim/issuer.der"

    let wire: Wire
    let issuer: [UInt8]

    /// Whether the client does not use TLS: the first byte of TLS is that of a handshake record (RFC 8446, 5.1). The byte
    /// stays unread.
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
