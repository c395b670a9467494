import PartyCore

/// The text of one event: its type, a description, and a meaning that decides the colour.
struct EventWords: Sendable, Equatable {
    let type: String
    /// Contains text that other people chose, not yet escaped.
    let words: String
    let meaning: Style.Meaning

    /// The width of the type column.
    static let typeWidth = 19

    /// `nil` for content that the text form does not show.
    init?(_ event: StreamEvent) {
        switch event.content {
        case .party(let party):
            self.init(party, event.origin)
        case .lifecycle(let lifecycle):
            self.init(type: lifecycle.type, words: lifecycle.words, meaning: .faint)
        case .unknownFrame, .duplicate: return nil
        }
    }

    init(_ party: PartyEvent, _ origin: StreamEvent.Origin) {
        self.init(type: party.kind.rawValue, words: party.words + origin.words, meaning: party.kind.meaning)
    }

    private init(type: String, words: String, meaning: Style.Meaning) {
        self.type = type
        self.words = words
        self.meaning = meaning
    }
}

extension PartyEvent {
    fileprivate var words: String {
        let changes = changes.compactMap(\.words).joined(separator: ", ")
        switch kind {
        case .memberJoined, .memberLeft:
            return members.map(\.nameAndPlatform).joined(separator: ", ")
        case .memberUpdated:
            let names = members.map(\.nameAndPlatform).joined(separator: ", ")
            return changes.isEmpty ? names : "\(names): \(changes)"
        case .voiceSignal:
            let sender = from?.nameAndPlatform ?? "unknown sender"
            guard let signal else { return "\(sender): unreadable" }
            return "\(sender): \(signal.words)"
        case .voiceBridge:
            let what = dataType?.rawValue.split(separator: ":").last.map(String.init) ?? "changed"
            return what + (from.map { " by \($0.nameAndPlatform)" } ?? "")
        case .invitationReceived:
            let inviter = from?.displayName ?? "an unnamed user"
            guard let partyID else { return "from \(inviter)" }
            var name: String?
            for case .name(let told) in self.changes where !told.isEmpty { name = told }
            return "\(inviter) invites you to \(name ?? "a party"); accept with: psparty join \(partyID.text)"
        case .other:
            return dataType?.rawValue ?? ""
        default:
            let parts = [from.map { "by \($0.nameAndPlatform)" }, changes.isEmpty ? nil : changes]
            return parts.compactMap { $0 }.joined(separator: ": ")
        }
    }
}

extension PartyEvent.Kind {
    fileprivate var meaning: Style.Meaning {
        switch self {
        case .partyCreated, .memberJoined, .invitationReceived: .good
        case .partyDeleted, .memberLeft, .invitationRemoved: .gone
        case .other, .voiceBridge, .voiceSignal, .messageReceived: .faint
        default: .changed
        }
    }
}

extension Member {
    fileprivate var nameAndPlatform: String {
        displayName + (platform.map { " (\($0.rawValue))" } ?? "")
    }
}

extension ReceivedSignal {
    /// The signal without its session description, which contains people's addresses.
    fileprivate var words: String {
        let trust = isTrusted ? "" : " (not trusted: the sender does not match)"
        let description = signal.sdp.map { sdp in
            let lines = sdp.split(whereSeparator: \.isNewline)
            let addresses = lines.count { $0.hasPrefix("a=candidate:") }
            return ", SDP of \(lines.count) lines, \(addresses) addresses not shown"
        }
        return "\(signal.kind.rawValue) to \(signal.to.accountID) (\(signal.to.platform))\(description ?? "")\(trust)"
    }
}

extension PartyEvent.Change {
    fileprivate var words: String? {
        switch self {
        case .name(let name): "name \(name)"
        case .visibility(let visibility): "visibility \(visibility.word)"
        case .joinableBy(let type): "joinable by \(type.word)"
        case .maxMembers(let number): "at most \(number) members"
        case .owner(let owner): "owner \(owner.displayName)"
        case .voice(let isOn): isOn ? "voice on" : "voice off"
        case .customData: nil
        }
    }
}

extension StreamEvent.Origin {
    /// A note on events that did not come from a frame.
    fileprivate var words: String {
        switch self {
        case .frame: ""
        case .comparison: " (missed, found now)"
        case .snapshot: " (state at the start)"
        }
    }
}

extension StreamLifecycle {
    /// The notice for users; empty if none is needed.
    var words: String {
        switch self {
        case .connected, .ready, .stopping, .tokenRenewed: ""
        case .resynced([]): ""
        case .resynced(let rejoined):
            "rejoined, because the service removed you when the connection was lost: "
                + rejoined.map(\.text).joined(separator: ", ")
        case .lost(let reason, let wait), .retrying(let reason, let wait, false):
            "\(reason); trying again \(wait == .zero ? "at once" : "in \(wait.inSeconds)")"
        case .retrying(let reason, let wait, true):
            "\(reason); trying again in \(wait.inSeconds), as the service asked"
        case .frameInvalid(let problem, let size):
            "a push frame of \(size) bytes was skipped: \(problem)"
        }
    }
}

extension Duration {
    /// With one decimal: `3.2 s`.
    fileprivate var inSeconds: String {
        let tenths = inMilliseconds.addingToTheEnd(50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
