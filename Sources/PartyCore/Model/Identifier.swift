/// An opaque id that the service made. `Kind` tells the id of a party session from that of a
/// bridge at compile time.
public struct Identifier<Kind>: Hashable, Sendable, CustomStringConvertible {
    /// The id as the service wrote it.
    public let text: String

    /// Takes any text, as a tolerant reader of the wire must.
    public init(_ text: String) {
        self.text = text
    }

    public var description: String { text }
}

/// The id of a party session: a UUID in every capture (docs/protocol.md, 4.1).
public typealias PartyID = Identifier<PartySession>
/// The id that a client makes for one membership and finds again in the `contexts` of push frames (docs/protocol.md, 7.4).
public typealias ContextID = Identifier<PushContext>

/// Connects push frames to one membership of this account: the client's id and the service's count of frames for it.
public struct PushContext: Hashable, Sendable {
    /// The id that this client made for the membership.
    public let id: ContextID
    /// Counts the frames of the context from 1; `nil` if the frame has no number.
    public let sequenceNumber: Int64?

    /// A context with the number of its last change.
    public init(id: ContextID, sequenceNumber: Int64?) {
        self.id = id
        self.sequenceNumber = sequenceNumber
    }
}

/// Whether `text` has the form of a UUID: 8-4-4-4-12 hexadecimal digits.
package func isUUID(_ text: some StringProtocol) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isASCIIHexDigit) }
}

extension Character {
    fileprivate var isASCIIHexDigit: Bool { isASCII && isHexDigit }
}
