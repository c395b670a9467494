/// Everything outside that the library touches, handed down by parameter.
public struct PartyEnvironment: Sendable {
    /// What is configured rather than found out.
    public var settings: ServiceSettings
    /// The network.
    public var transport: any Transport
    /// The files of the profile in `settings`.
    public var store: any Store
    /// Time.
    public var clock: PartyClock
    /// Chance.
    public var random: PartyRandom
    /// Tells people what went wrong beside the result.
    public var notice: @Sendable (String) -> Void = { _ in }
    /// Where given, a request that changes something is told here, before it is signed, instead of being sent.
    public var rehearse: (@Sendable (RESTRequest) -> Void)?

    public init(
        settings: ServiceSettings, transport: any Transport, store: any Store, clock: PartyClock, random: PartyRandom
    ) {
        self.settings = settings
        self.transport = transport
        self.store = store
        self.clock = clock
        self.random = random
    }
}
