/// What two members say to each other to set up a voice connection: one message of the party's signalling channel
/// (docs/protocol.md, 6).
public struct Signal: Hashable, Sendable {
    /// A member's device as signals name it.
    public struct Endpoint: Hashable, Sendable {
        public let accountID: AccountID
        public let platform: Platform

        public init(accountID: AccountID, platform: Platform) {
            self.accountID = accountID
            self.platform = platform
        }
    }

    /// What the message is. Open: other words than `offer` and `answer` are named by others and kept.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let offer = Kind(rawValue: "offer")
        public static let answer = Kind(rawValue: "answer")
    }

    public var from: Endpoint
    public var to: Endpoint
    public var kind: Kind
    /// The session description, with CRLF line ends; `nil` where the message has none.
    public var sdp: String?
    /// Grows over all messages of the sending process.
    public var globalSequence: Int64
    /// Counts the negotiations of one connection; a string on the wire.
    public var sdpSequence: String

    public init(
        from: Endpoint, to: Endpoint, kind: Kind, sdp: String?, globalSequence: Int64, sdpSequence: String
    ) {
        self.from = from
        self.to = to
        self.kind = kind
        self.sdp = sdp
        self.globalSequence = globalSequence
        self.sdpSequence = sdpSequence
    }
}

/// A signal as it was read, with what was unusual about it.
public struct ReceivedSignal: Hashable, Sendable {
    /// A departure from the captured form. Only `senderMismatch` takes away trust.
    public enum Oddity: String, Hashable, Sendable, CaseIterable {
        /// The binary header, the text and the push frame do not name the same sender.
        case senderMismatch = "sender-mismatch"
        case envelopeSpelling = "envelope-spelling"
        case textType = "text-type"
        case headerLength = "header-length"
        case headerCounter = "header-counter"
        case messagePrefix = "message-prefix"
    }

    public var signal: Signal
    public var oddities: Set<Oddity>

    public init(signal: Signal, oddities: Set<Oddity>) {
        self.signal = signal
        self.oddities = oddities
    }
}

extension Platform {
    /// The number signals use for the platform: known for two; for a platform read from an unknown number, that number.
    package var signalNumber: Int64? {
        switch self {
        case .mobileApp: 100_001
        case .ps5: 5
        default: Int64(rawValue)
        }
    }

    package init(signalNumber: Int64) {
        switch signalNumber {
        case 100_001: self = .mobileApp
        case 5: self = .ps5
        default: self.init(rawValue: String(signalNumber))
        }
    }
}
