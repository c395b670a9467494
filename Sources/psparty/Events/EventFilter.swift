internal import Glibc
import PartyCore

/// Which events a stream prints: any of the same filter, all of the different ones.
struct EventFilter: Sendable {
    var parties: Set<PartyID> = []
    /// Shell patterns on the event's type.
    var types: [String] = []
    var users: [UserReference] = []
    var showsLifecycle = false
    /// Whether to tell of what was so already when the stream began.
    var showsSnapshot = false
    var me: AccountID?

    func admits(_ event: StreamEvent) -> Bool {
        guard event.origin != .snapshot || showsSnapshot else { return false }
        // Looked at first, as taking an event out of its content copies all of it.
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

    /// Whether it asks for nothing in particular.
    private var isOpen: Bool { types.isEmpty && parties.isEmpty && users.isEmpty }

    private func admits(type: String) -> Bool {
        types.isEmpty || types.contains { Self.matches(pattern: $0, type) }
    }

    private func admits(_ user: UserReference, _ from: Member?) -> Bool {
        guard let from, let me else { return false }
        return user.matches(from, me: me)
    }

    /// Every type that `--type` can name.
    static let knownTypes = PartyEvent.Kind.allCases.map(\.rawValue) + StreamLifecycle.types

    static func matches(pattern: String, _ type: String) -> Bool {
        unsafe fnmatch(pattern, type, 0) == 0
    }
}
