/// Error documents in responses with a 2xx status.
extension ServiceFault {
    /// An error document is small; larger responses are not searched.
    private static let largestDocument = 64 << 10

    /// The error in a response with a 2xx status; `nil` if there is none.
    package init?(inSuccess body: [UInt8]) {
        guard body.count <= Self.largestDocument, body.holds(#""error"#),
            let root = try? JSONDocument(body).root, root.isObject, let error = root["error"],
            error.isObject ? !error.members.isEmpty : error.text != nil
        else { return nil }
        self.init(body)
    }

    /// The HTTP status that fits the document: its own, that of its OAuth error, or that of the class of its code, which is
    /// in the low 12 bits (docs/protocol.md, 3.2).
    var impliedStatus: Int {
        if let status, (400...599).contains(status) { return Int(status) }
        switch oauthError {
        case "invalid_grant", "invalid_client", "invalid_token", "unauthorized_client", "login_required": return 401
        case "access_denied", "insufficient_scope": return 403
        case "server_error", "temporarily_unavailable": return 503
        default: break
        }
        switch (code ?? 0) & 0xFFF {
        case 0x00D: return 404
        case 0x00E, 0x400: return 403
        default: return 400
        }
    }
}

extension [UInt8] {
    fileprivate func holds(_ word: StaticString) -> Bool {
        let wanted = Array("\(word)".utf8)
        guard count >= wanted.count else { return false }
        return (0...(count - wanted.count)).contains { start in
            self[start] == wanted[0] && self[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }
}
