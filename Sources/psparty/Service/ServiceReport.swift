import PartyCore

/// What a service manager is to know of a stream, as messages of sd_notify(3). Pure: what happened goes in, messages come out.
struct ServiceReport: Sendable {
    /// How long the manager waits for a sign of life before it ends us; `nil` for ever.
    let watchdog: Duration?
    private var wasReady = false
    private var isFlowing = false
    private var lastHeard: Duration?
    private var hasStopped = false

    /// Without a byte for so long the stream is deaf: the longest from a ping to the end of the wait for its answer.
    static let longestSilence: Duration = .seconds(40)

    /// - Parameter variables: the watchdog of another process, a child of ours may see, is none of ours.
    init(variables: [String: String], processID: Int32) {
        let isOurs = variables["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let microseconds = variables["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Half of the manager's patience, as sd_watchdog_enabled(3) advises; never so short that it would keep a processor busy.
    var feedingInterval: Duration? { watchdog.map { max($0 / 2, .milliseconds(10)) } }

    /// The stream has brought a byte.
    mutating func heard(at now: Duration) {
        lastHeard = now
    }

    /// - Returns: the message for what happened, if it is worth one.
    mutating func take(_ lifecycle: StreamLifecycle, at now: Duration) -> String? {
        guard !hasStopped else { return nil }
        switch lifecycle {
        case .connected: return "STATUS=connected, signing in"
        case .ready:
            isFlowing = true
            defer { wasReady = true }
            let fed = watchdog == nil ? nil : sign(at: now)
            return (wasReady ? "" : "READY=1\n") + "STATUS=listening" + (fed.map { "\n" + $0 } ?? "")
        case .lost(let reason, let wait), .retrying(let reason, let wait, _):
            isFlowing = false
            lastHeard = nil
            return "STATUS=no stream, next try in \(Self.seconds(wait)) s: \(reason.displayed)"
        case .stopping: return stop()
        case .resynced, .tokenRenewed, .frameInvalid: return nil
        }
    }

    /// The first time that we end.
    mutating func stop() -> String? {
        guard !hasStopped else { return nil }
        hasStopped = true
        isFlowing = false
        return "STOPPING=1\nSTATUS=closing the stream"
    }

    /// What feeds the watchdog; `nil` while there is no stream, or a silent one.
    func sign(at now: Duration) -> String? {
        guard isFlowing, let lastHeard, now - lastHeard <= Self.longestSilence else { return nil }
        return "WATCHDOG=1"
    }

    private static func seconds(_ wait: Duration) -> Int64 {
        wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
    }
}
