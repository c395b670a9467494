internal import Glibc
import PartyCore

/// Selects the events to print. An event must match every filter that is set; one value of a repeated filter is enough.
struct EventFilter: Sendable {
    var parties: Set<PartyID> = []
    /// CommandEnvironment patterns for the event's type.
    var types: [String] = []
    var users: [UserReference] = []
    var showsLifecycle = false
    /// Whether to print the state at the start of the stream.
    var showsSnapshot = false
    var me: AccountID?

    func admits(_ event: StreamEvent) -> Bool {
        guard event.origin != .snapshot || showsSnapshot else { return false }
        // Fast path: extracting the event from its content would copy it.
        if isOpen, case .party = event.content { return true }
        return switch event.content {
        case .lifecycle(let lifecycle):
            showsLifecycle && parties.isEmpty && users.isEmpty && admits(type: lifecycle.type)
        case .unknownFrame, .duplicate: isOpen
        case .party(let party):
            admits(type: party.kind.rawValue)
                && (parties.isEmpty || party.partyID.map(parties.contains) == true)
                && (users.isEmpty || users.contains { user in admits(user, party.from) })
        }
    }

    /// Whether no filter is set.
    private var isOpen: Bool { types.isEmpty && parties.isEmpty && users.isEmpty }

    private func admits(type: String) -> Bool {
        types.isEmpty || types.contains { Self.matches(pattern: $0, type) }
    }

    private func admits(_ user: UserReference, _ from: Member?) -> Bool {
        guard let from, let me else { return false }
        return user.matches(from, me: me)
    }

    /// Every type that `--type` can match.
    static let knownTypes = PartyEvent.Kind.allCases.map(\.rawValue) + StreamLifecycle.types

    /// The types that can come with these options.
    static func types(lifecycle: Bool, visibleParties: Bool) -> [String] {
        let kinds = PartyEvent.Kind.allCases.filter { visibleParties || !$0.isOfVisibleParties }
        return kinds.map(\.rawValue) + (lifecycle ? StreamLifecycle.types : [])
    }

    static func matches(pattern: String, _ type: String) -> Bool {
        unsafe fnmatch(pattern, type, 0) == 0
    }
}

extension PartyEvent.Kind {
    /// Whether only `listen --watch-visible` brings the events.
    var isOfVisibleParties: Bool { self == .partyVisible || self == .partyHidden }
}
