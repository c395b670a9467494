import PartyCore
import PartyLive

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
    /// The other processes of the profile that want to speak.
    var voiceShare: @Sendable (Configuration) -> any StreamShare = { _ in Unshared() }
    /// Where the lines of a stream wait for whoever is slow to take them.
    var room: @Sendable (Configuration) -> LineSpool.SpillPolicy
    var clock: PartyClock
    var random: PartyRandom
    var interrupts: @Sendable (_ patience: Duration) -> Interrupts
    /// The terminal as a whole, where standard output is one.
    var screen: TerminalScreen?
    /// Starts the engine of a voice run.
    var engine: @Sendable (EngineCommand) throws(PartyError) -> EngineLink = { (command) throws(PartyError) in
        try EngineLink.start(command)
    }
    /// Files and pipes that whoever started us has opened for the engine.
    var descriptors: [Int32] = []
    /// Who may have started us as a service.
    var serviceManager = ServiceManager.none
}
