/// A message by which two members set up a voice connection, on the party's signalling channel
/// (docs/protocol.md, 6).
public struct Signal: Hashable, Sendable {
    /// A member's device as signals name it.
    public struct Endpoint: Hashable, Sendable {
        /// The account.
        public let accountID: AccountID
        /// The device.
        public let platform: Platform

        /// A device of an account.
        public init(accountID: AccountID, platform: Platform) {
            self.accountID = accountID
            self.platform = platform
        }
    }

    /// The kind of the message. Words other than `offer` and `answer` are kept.
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

    /// The sender.
    public var from: Endpoint
    /// The receiver: one device, never several.
    public var to: Endpoint
    /// The kind of the message.
    public var kind: Kind
    /// The session description, with CRLF line ends; `nil` if the message has none.
    public var sdp: String?
    /// Increases with every message of the sending process.
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

/// A signal that was received, with its deviations from the captured form.
public struct ReceivedSignal: Hashable, Sendable {
    /// A deviation from the captured form. Only `senderMismatch` makes the signal untrusted.
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

    /// The signal.
    public var signal: Signal
    /// The deviations; empty for most signals.
    public var oddities: Set<Oddity>

    /// A signal with its deviations.
    public init(signal: Signal, oddities: Set<Oddity>) {
        self.signal = signal
        self.oddities = oddities
    }
}

extension Platform {
    /// The platform's number in signals: known for two platforms; for a platform read from an unknown number, that number.
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
