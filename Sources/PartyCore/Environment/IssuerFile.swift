/// Certificates that servers leave out of their chains, stored for later runs. They are verified at each
/// use, so a broken or changed file only costs another fetch.
struct IssuerFile: Sendable {
    /// A fetched certificate and its subject.
    struct Entry: Sendable, Equatable {
        /// `MissingIssuer.key`.
        let issuer: String
        let bytes: [UInt8]
    }

    static let most = 8

    /// `nil` if no file of the profile may be touched.
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
