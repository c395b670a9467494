/// Everything outside that the library touches, handed down by parameter.
public struct PartyEnvironment: Sendable {
    /// What is configured rather than found out.
    public var settings: ServiceSettings
    /// The network.
    public let transport: any Transport
    /// The files of the profile in `settings`.
    public let store: any Store
    /// The other processes of the profile.
    package var share: any StreamShare = Unshared()
    /// The other processes of the profile that want to speak: one at a time may.
    package var voiceShare: any StreamShare = Unshared()
    /// Time.
    public package(set) var clock: PartyClock
    /// Chance.
    public package(set) var random: PartyRandom
    /// Tells people what went wrong beside the result.
    public var notice: @Sendable (String) -> Void = { _ in }
    /// The account that this run speaks for, once it is known.
    package let pinned = PinnedAccount()
    /// Called, if given, for every turn of the socket in which the push stream shows that it lives: by a frame or a pong.
    package var heard: (@Sendable () -> Void)?
    /// Who is told of each step; nobody by default.
    public let trace: Trace?
    /// Where given, a request that changes something is told here, before it is signed, instead of being sent.
    package var rehearse: (@Sendable (RESTRequest) throws(PartyError) -> Void)?

    /// - Parameter transport: seen from here it repeats no secret in a refusal, tells `trace` of what goes through it, and
    ///   gets what a server leaves out of its certificate chain.
    public init(
        settings: ServiceSettings, transport: any Transport, store: any Store, clock: PartyClock, random: PartyRandom,
        trace: Trace? = nil
    ) {
        self.settings = settings
        let guarded = EchoGuard(ArrivalStamp(transport, clock: clock))
        let traced: any Transport = trace.map { TracingTransport(guarded, clock: clock, trace: $0) } ?? guarded
        // With a token of the caller's own no file is touched.
        let place = settings.accessToken == nil ? store : nil
        self.transport =
            settings.fetchesIssuers
            ? ChainCompletion(traced, store: place, clock: clock, trace: trace) : traced
        self.trace = trace
        self.store = store
        self.clock = clock
        self.random = random
    }
}
