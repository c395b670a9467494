import PartyCore

/// Converts stream events into messages of sd_notify(3). Pure: it performs no IO.
struct ServiceReport: Sendable {
    /// The manager ends the process if no watchdog message comes within this time; `nil` without a watchdog.
    let watchdog: Duration?
    private var wasReady = false
    private var isFlowing = false
    private var lastActivity: Duration?
    private var hasStopped = false

    /// The stream counts as dead after this time without a byte: the longest time from a ping to the timeout of its pong.
    static let longestSilence: Duration = .seconds(40)

    /// - Parameter variables: `WATCHDOG_PID` may name another process, whose watchdog is ignored.
    init(variables: [String: String], processID: Int32) {
        let isOurs = variables["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let microseconds = variables["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Half of the watchdog time, as sd_watchdog_enabled(3) recommends, but at least 10 ms to avoid a busy loop.
    var watchdogInterval: Duration? { watchdog.map { max($0 / 2, .milliseconds(10)) } }

    /// Records that the stream received bytes.
    mutating func noteActivity(at now: Duration) {
        lastActivity = now
    }

    /// - Returns: the message for this event; `nil` if it needs none.
    mutating func take(_ lifecycle: StreamLifecycle, at now: Duration) -> String? {
        guard !hasStopped else { return nil }
        switch lifecycle {
        case .connected: return "STATUS=connected, signing in"
        case .ready:
            isFlowing = true
            defer { wasReady = true }
            let fed = watchdog == nil ? nil : watchdogMessage(at: now)
            return (wasReady ? "" : "READY=1\n") + "STATUS=listening" + (fed.map { "\n" + $0 } ?? "")
        case .lost(let reason, let wait), .retrying(let reason, let wait, _):
            isFlowing = false
            lastActivity = nil
            return "STATUS=no stream, next try in \(Self.seconds(wait)) s: \(reason.displayed)"
        case .stopping: return stop()
        case .resynced, .tokenRenewed, .frameInvalid: return nil
        }
    }

    /// - Returns: the stop message, on the first call only.
    mutating func stop() -> String? {
        guard !hasStopped else { return nil }
        hasStopped = true
        isFlowing = false
        return "STOPPING=1\nSTATUS=closing the stream"
    }

    /// The watchdog message; `nil` while the stream is lost or silent for too long.
    func watchdogMessage(at now: Duration) -> String? {
        guard isFlowing, let lastActivity, now - lastActivity <= Self.longestSilence else { return nil }
        return "WATCHDOG=1"
    }

    private static func seconds(_ wait: Duration) -> Int64 {
        wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
    }
}
