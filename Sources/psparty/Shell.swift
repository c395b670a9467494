import PartyCore

/// What surrounds one run of the command line: the terminal, the environment, the signals, and how to reach network and
/// disk. Tests bring their own.
struct Shell: Sendable {
    var console: Console
    /// The environment variables.
    var variables: [String: String]
    var transport: @Sendable (Configuration) -> any Transport
    var store: @Sendable (Configuration) -> any Store
    /// The other processes of the profile.
    var share: @Sendable (Configuration) -> any StreamShare
    var clock: PartyClock
    var random: PartyRandom
    var interrupts: @Sendable () -> Interrupts
}
