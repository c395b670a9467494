/// When the bridge is opened, and opened again after a failure, and which failures are reported. Pure: outcomes in, waits out.
struct BridgeRecovery: Sendable {
    /// What follows a failure.
    struct Plan: Sendable, Equatable {
        /// Whether to report it: the same failure is reported once until the bridge works again.
        let isNews: Bool
        let wait: Duration
        /// Names the attempt that is due then; `begin(_:)` says whether it still counts.
        let attempt: Int
    }

    /// The first pause, the longest one, and the part of each that chance adds: members whose bridge fails at the same
    /// moment must not all come back at the same moment.
    static let (firstPause, longestPause, spread): (Duration, Duration, Double) = (.seconds(10), .seconds(300), 0.25)
    /// How often in a row a new offer is requested, because the answer may not have arrived.
    private static let answerTries = 3
    /// How long each member of a party without a bridge waits for those before it in the roster to link one. A new bridge is
    /// linked after about one second.
    private static let (turn, turns): (Duration, Int) = (.milliseconds(1200), 4)

    private var failures = 0
    private var lostAnswers = 0
    private var attempt = 0
    /// Whether an attempt waits.
    private(set) var isWaiting = false
    private var told: PartyError?

    /// How long to wait for another member's bridge before one is made.
    /// - Parameter rank: the position in the roster, from 0.
    /// - Parameter chance: from 0 to 1.
    static func wait(rank: Int, chance: Double) -> Duration {
        rank <= 0 ? .zero : turn * min(rank, turns) + turn * chance
    }

    /// The bridge has the answer.
    mutating func succeed() {
        begin()
        (failures, lostAnswers, told) = (0, 0, nil)
    }

    /// The bridge is opened or dropped now: waiting attempts are cancelled.
    mutating func begin() {
        attempt += 1
        isWaiting = false
    }

    /// The same for an attempt whose time has come.
    /// - Returns: `false` if something else has begun meanwhile.
    mutating func begin(_ attempt: Int) -> Bool {
        guard attempt == self.attempt, isWaiting else { return false }
        begin()
        return true
    }

    /// - Returns: the name of an attempt that waits from now on.
    mutating func postpone() -> Int {
        attempt += 1
        isWaiting = true
        return attempt
    }

    /// - Returns: whether the bridge is to be asked for a new offer at once.
    mutating func loseAnswer() -> Bool {
        lostAnswers += 1
        return lostAnswers < Self.answerTries
    }

    /// - Parameter chance: from 0 to 1.
    mutating func fail(_ error: PartyError, chance: Double) -> Plan {
        let isNews = tell(error)
        let pause = min(Self.firstPause * (1 << min(failures, 10)), Self.longestPause)
        failures += 1
        return Plan(isNews: isNews, wait: pause + pause * (chance * Self.spread), attempt: postpone())
    }

    /// - Returns: whether this failure has not been reported yet.
    mutating func tell(_ error: PartyError) -> Bool {
        defer { told = error }
        return told?.kind != error.kind || told?.step != error.step || told?.status != error.status
    }
}
