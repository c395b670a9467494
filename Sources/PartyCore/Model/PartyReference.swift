/// A party session: by id, by share link, or as the current one of the profile.
public enum PartyReference: Hashable, Sendable {
    /// The id of a party session.
    case id(PartyID)
    /// The opaque id of a share link. It is looked up, never decoded (docs/protocol.md, 8).
    case link(String)
    /// The party session that the profile last created or joined and has not left.
    case current

    /// Reads a UUID, `https://party.playstation.com/ID` (scheme, query and final slash are optional), a
    /// bare link id of 16 to 24 characters `A-Za-z0-9_-`, or `current`.
    public init?(_ text: String) {
        if text == "current" {
            self = .current
        } else if isUUID(text) {
            self = .id(PartyID(text.lowercased()))
        } else if let link = Self.linkID(text) {
            self = .link(link)
        } else {
            return nil
        }
    }

    private static let linkHost = "party.playstation.com/"

    private static func linkID(_ text: String) -> String? {
        var rest = Substring(text)
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            guard rest.lowercased().hasPrefix(linkHost) else { return nil }
        }
        if rest.lowercased().hasPrefix(linkHost) {
            rest = rest.dropFirst(linkHost.count)
            rest = rest.prefix { $0 != "?" && $0 != "#" }
            if rest.hasSuffix("/") { rest = rest.dropLast() }
        }
        let isLinkID = (16...24).contains(rest.utf8.count) && rest.utf8.allSatisfy(isLinkCharacter)
        return isLinkID ? String(rest) : nil
    }

    private static func isLinkCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
