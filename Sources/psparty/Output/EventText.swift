internal import Glibc
import PartyCore

/// One event of a stream as a line for people.
struct EventText {
    let event: StreamEvent
    let style: Style

    var line: String? {
        switch event.content {
        case .party(let party):
            line(party.kind.rawValue, words(of: party) + event.origin.words, meaning(of: party.kind))
        case .lifecycle(let lifecycle):
            line(lifecycle.type, lifecycle.words, .faint)
        case .unknownFrame, .duplicate: nil
        }
    }

    private func line(_ type: String, _ words: String, _ meaning: Style.Meaning) -> String {
        let padded = type + String(repeating: " ", count: max(0, 19 - type.count))
        return "\(style.mark(event.time.timeOfDay, .faint))  \(style.mark(padded, meaning))  \(words.displayed)\n"
    }

    private func words(of party: PartyEvent) -> String {
        let changes = party.changes.compactMap(\.words).joined(separator: ", ")
        switch party.kind {
        case .memberJoined, .memberLeft:
            return party.members.map(\.nameAndPlatform).joined(separator: ", ")
        case .memberUpdated:
            let names = party.members.map(\.nameAndPlatform).joined(separator: ", ")
            return changes.isEmpty ? names : "\(names): \(changes)"
        case .voiceSignal:
            let sender = party.from?.nameAndPlatform ?? "somebody"
            guard let received = party.signal else { return "\(sender): unreadable" }
            let trust = received.oddities.contains(.senderMismatch) ? " (sender does not match: not to be trusted)" : ""
            return "\(sender): \(received.signal.kind.rawValue)\(trust)"
        case .other:
            return party.dataType?.rawValue ?? ""
        default:
            let parts = [party.from.map { "by \($0.nameAndPlatform)" }, changes.isEmpty ? nil : changes]
            return parts.compactMap { $0 }.joined(separator: ": ")
        }
    }

    private func meaning(of kind: PartyEvent.Kind) -> Style.Meaning {
        switch kind {
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
    /// What people are told of an event that no frame brought.
    fileprivate var words: String {
        switch self {
        case .frame: ""
        case .comparison: " (missed, found now)"
        case .snapshot: " (already so)"
        }
    }
}

extension StreamLifecycle {
    /// What people are told about the stream.
    var words: String {
        switch self {
        case .connected, .ready, .stopping, .tokenRenewed: ""
        case .resynced([]): ""
        case .resynced(let rejoined):
            "joined again, since the service had dropped it with the connection: "
                + rejoined.map(\.text).joined(separator: ", ")
        case .lost(let reason, let wait), .retrying(let reason, let wait, false):
            "\(reason); trying again in \(wait.inSeconds)"
        case .retrying(let reason, let wait, true):
            "\(reason); the service asks to wait: trying again in \(wait.inSeconds)"
        case .frameInvalid(let problem, let size):
            "a push frame of \(size) bytes was skipped: \(problem)"
        }
    }
}

extension Duration {
    /// With one decimal: `3.2 s`.
    fileprivate var inSeconds: String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension Timestamp {
    /// Hours, minutes and seconds where the user is.
    fileprivate var timeOfDay: String {
        var seconds = time_t(milliseconds / 1000)
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return description }
        return unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + String($0) }
            .joined(separator: ":")
    }
}
