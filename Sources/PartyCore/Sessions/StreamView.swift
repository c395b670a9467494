/// The state of the parties after a step of the stream, for a reader that needs the present state instead of the events.
package struct StreamView: Sendable {
    /// The parties that this account is in.
    package let state: PartyState
    /// The parties in `state` whose roster and settings are not complete yet.
    package let incomplete: Set<PartyID>
    /// Whether the service has named all parties of this account at least once. Before that, a party that is not in `state`
    /// may exist.
    package let isKnown: Bool
    /// The events of the step.
    package let events: [StreamEvent]

    package init(state: PartyState, incomplete: Set<PartyID>, isKnown: Bool, events: [StreamEvent]) {
        self.state = state
        self.incomplete = incomplete
        self.isKnown = isKnown
        self.events = events
    }
}
