import PartyCore

/// One event in words that a friend would use, like "bob joined".
struct EventSentence: Sendable, Equatable {
    /// Who wants to read it.
    enum Weight: Sendable {
        /// Everybody in the party.
        case news
        /// People who look for a cause; `watch` does not show it.
        case detail
    }

    /// Contains text that other people chose, not yet escaped.
    var text: String
    /// Decides the colour.
    var meaning: Style.Meaning?
    var weight = Weight.news
    /// The command that answers the event.
    var command: String?
    /// The name of the party, if events of several parties are shown. Not yet escaped.
    var party: String?

    init(_ text: String, _ meaning: Style.Meaning? = nil, _ weight: Weight = .news) {
        self.text = text
        self.meaning = meaning
        self.weight = weight
    }
}

extension EventSentence {
    init(_ lifecycle: StreamLifecycle) {
        switch lifecycle {
        case .connected: self.init("connected to the push service", .faint, .detail)
        case .ready: self.init("events arrive from now on", .faint, .detail)
        case .resynced([]): self.init("up to date: compared with the service", .faint, .detail)
        case .tokenRenewed: self.init("the sign-in was renewed", .faint, .detail)
        case .stopping: self.init("stopping", .faint, .detail)
        case .lost, .retrying, .resynced, .frameInvalid: self.init(lifecycle.words, .faint)
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
        case .lost(let reason, _) where isTakeover: reason
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
