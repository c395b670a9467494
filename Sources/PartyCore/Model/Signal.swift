/// What two members say to each other to set up a voice connection: one message of the party's signalling channel
/// (docs/protocol.md, 6).
public struct Signal: Hashable, Sendable {
    /// A member's device as signals name it.
    public struct Endpoint: Hashable, Sendable {
        /// Whose device it is.
        public let accountID: AccountID
        /// Which device.
        public let platform: Platform

        /// A device of an account.
        public init(accountID: AccountID, platform: Platform) {
            self.accountID = accountID
            self.platform = platform
        }
    }

    /// What the message is. Open: other words than `offer` and `answer` are named by others and kept.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The word on the wire.
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A session description to answer.
        public static let offer = Kind(rawValue: "offer")
        /// The answer to an offer.
        public static let answer = Kind(rawValue: "answer")
    }

    /// Who says it.
    public var from: Endpoint
    /// Whom it is for: one device, never several.
    public var to: Endpoint
    /// What it is.
    public var kind: Kind
    /// The session description, with CRLF line ends; `nil` where the message has none.
    public var sdp: String?
    /// Grows over all messages of the sending process.
    public var globalSequence: Int64
    /// Counts the negotiations of one connection; a string on the wire.
    public var sdpSequence: String

    /// A message between two devices.
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
        /// The envelope names its fields in another way.
        case envelopeSpelling = "envelope-spelling"
        /// The text is marked as another type.
        case textType = "text-type"
        /// The binary header gives another length than the text has.
        case headerLength = "header-length"
        /// The counter of the binary header is not the captured one.
        case headerCounter = "header-counter"
        /// The message begins with another prefix.
        case messagePrefix = "message-prefix"
    }

    /// What it says.
    public var signal: Signal
    /// How it departs from the captured form; empty for most.
    public var oddities: Set<Oddity>

    /// A signal with what was unusual about it.
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
