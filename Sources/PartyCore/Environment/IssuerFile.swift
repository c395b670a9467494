/// The certificates that servers left out of their chains, kept over runs. All best effort: they are checked anew at each
/// use, so a file that is broken, or was changed by another program, costs a fetch and no more.
struct IssuerFile: Sendable {
    /// A certificate as it was fetched, and whose it is.
    struct Entry: Sendable, Equatable {
        /// `MissingIssuer.key`.
        let issuer: String
        let bytes: [UInt8]
    }

    static let most = 8

    /// `nil` where no file of the profile is to be touched.
    let store: (any Store)?

    func entries() -> [Entry] {
        guard let bytes = try? store?.load(.issuers), let root = try? JSONDocument(bytes).root else { return [] }
        let entries = root["issuers"]?.elements.compactMap { item -> Entry? in
            guard let issuer = item["issuer"]?.text,
                let bytes = item["certificate"]?.string.flatMap(Base64.bytes)
            else { return nil }
            return Entry(issuer: issuer, bytes: bytes)
        }
        return entries?.suffix(Self.most) ?? []
    }

    func save(_ entries: [Entry]) {
        let bytes = JSONWriter.text { json in
            json.object { json in
                json.array("issuers", entries) { json, entry in
                    json.object { json in
                        json.field("issuer", entry.issuer)
                        json.field("certificate", Base64.text(entry.bytes))
                    }
                }
            }
        }
        try? store?.save(.issuers, bytes + [0x0A])
    }
}
