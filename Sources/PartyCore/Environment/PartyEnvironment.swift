/// Everything outside the library that it uses: the network, the files of a profile, time and randomness.
public struct PartyEnvironment: Sendable {
    /// The profile, the servers and the OAuth client.
    public var settings: ServiceSettings
    /// The network, behind the layers that every request passes. It is set once, so that no layer can be dropped.
    public let transport: any Transport
    /// The files of the profile in `settings`.
    public let store: any Store
    /// Shares the push connection with the other processes of the profile.
    package var share: any StreamShare = Unshared()
    /// Decides which process of the profile may use voice: one at a time.
    package var voiceShare: any StreamShare = Unshared()
    /// The time.
    public package(set) var clock: PartyClock
    /// The randomness.
    public package(set) var random: PartyRandom
    /// Receives a sentence for people about something that went wrong without ending the call. Called from any thread.
    public var notice: @Sendable (String) -> Void = { _ in }
    /// The account of this run, once it is known.
    package let pinned = PinnedAccount()
    /// Whether people were told that the request budget is nearly used up.
    package let budgetWarning = BudgetWarning()
    /// Called for every turn of the socket that brings a frame or a pong, so that the push stream is known to be alive.
    package var onStreamActivity: (@Sendable () -> Void)?
    /// Receives each step.
    public let trace: Trace?
    /// Receives each request that would change something, before it is signed, instead of sending it.
    package var dryRun: (@Sendable (RESTRequest) throws(PartyError) -> Void)?

    /// An environment of parts of your own. `PartyLive` has `live(profile:)` for the usual ones.
    /// - Parameters:
    ///   - settings: the profile and the servers.
    ///   - transport: the network. ``PartyEnvironment/transport`` is this one behind layers that remove secrets from refusals, report
    ///     to `trace`, and fetch certificates that a server leaves out of its chain.
    ///   - store: the files of the profile.
    ///   - clock: the time.
    ///   - random: the randomness.
    ///   - trace: receives each step.
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
