/// The time, as the library sees it. A test gives a clock that it moves by hand.
public struct PartyClock: Sendable {
    /// The time of day, for expiry and for what users read.
    public var now: @Sendable () -> Timestamp
    /// Monotonic time for waits and deadlines; its zero is arbitrary.
    public var uptime: @Sendable () -> Duration
    /// Waits; returns early, without an error, if the task is cancelled.
    public var sleep: @Sendable (Duration) async -> Void

    /// A clock of these functions. They may be called from any thread.
    public init(
        now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }
}

/// The randomness that the library uses. A test gives fixed values.
public struct PartyRandom: Sendable {
    /// A random version 4 UUID in lower case.
    public var uuid: @Sendable () -> String
    /// Random bytes that are good enough for keys.
    public var bytes: @Sendable (_ count: Int) -> [UInt8]
    /// A fraction from 0 up to, but not including, 1.
    public var fraction: @Sendable () -> Double

    /// A source of randomness. The functions may be called from any thread.
    public init(
        uuid: @escaping @Sendable () -> String, bytes: @escaping @Sendable (_ count: Int) -> [UInt8],
        fraction: @escaping @Sendable () -> Double
    ) {
        self.uuid = uuid
        self.bytes = bytes
        self.fraction = fraction
    }
}
