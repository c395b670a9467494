import PartyCore
import PartyLive

/// The process environment of a command: terminal, environment variables, signals, and access to network and disk.
/// Tests supply their own.
struct CommandEnvironment: Sendable {
    var console: Console
    var variables: [String: String]
    var transport: @Sendable (Configuration) -> any Transport
    var store: @Sendable (Configuration) -> any Store
    /// Shares the push stream with other processes of the profile.
    var share: @Sendable (Configuration) -> any StreamShare
    /// Coordinates which process of the profile uses voice.
    var voiceShare: @Sendable (Configuration) -> any StreamShare = { _ in Unshared() }
    /// How lines are stored when the reader of a stream is slow.
    var spillPolicy: @Sendable (Configuration) -> LineSpool.SpillPolicy
    var clock: PartyClock
    var random: PartyRandom
    var interrupts: @Sendable (_ cleanupTime: Duration) -> Interrupts
    /// Full-screen access to the terminal; `nil` if standard output is not a terminal.
    var screen: TerminalScreen?
    /// Starts the engine of a voice run.
    var engine: @Sendable (EngineCommand) throws(PartyError) -> EngineLink = { (command) throws(PartyError) in
        try EngineLink.start(command)
    }
    /// Inherited file descriptors, which are passed on to the engine.
    var descriptors: [Int32] = []
    var serviceManager = ServiceManager.none
}
