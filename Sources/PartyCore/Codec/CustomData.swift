/// The members' own data, which the service stores and passes on unread (docs/protocol.md, 4.15).
package enum CustomData {
    /// A member's state before its transport is probed: base64 of the JSON array
    /// `["","","1","0","6.2.0","0","0","0","",""]`.
    package static let initialState = "WyIiLCIiLCIxIiwiMCIsIjYuMi4wIiwiMCIsIjAiLCIwIiwiIiwiIl0="
}
