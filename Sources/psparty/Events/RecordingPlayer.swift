import PartyCore

/// Delivers the events of a recording with the recorded timing.
struct RecordingPlayer: Sendable {
    let input: RecordingInput
    let speed: ReplaySpeed
    let clock: PartyClock

    /// The time of a run's first event, in the recording and during playback.
    private struct TimeBase {
        let recorded: Timestamp
        let uptime: Duration
    }

    /// - Parameter first: lines that were already read.
    /// - Parameter run: decides at which event timing starts, and slows the player down; `nil` to time all events.
    func play(
        _ first: [RecordingLine], _ run: StreamRun?, _ receiver: StreamReceiver
    ) async throws(PartyError) {
        var playback = RecordingPlayback()
        var base: TimeBase?
        var lines: [RecordingLine]? = first
        while let batch = lines, !Task.isCancelled {
            var events: [StreamEvent] = []
            for line in batch {
                guard let (new, time) = playback.take(line) else {
                    // A new run: the pause between two runs is not reproduced.
                    base = nil
                    continue
                }
                guard case .times(let factor) = speed else {
                    events += new
                    continue
                }
                if run?.hasBegun ?? true {
                    let start = base ?? TimeBase(recorded: time, uptime: clock.uptime())
                    base = start
                    let due = start.uptime + (time - start.recorded) / factor
                    if due > clock.uptime() { await clock.sleep(due - clock.uptime()) }
                    guard !Task.isCancelled else { return }
                }
                await receiver.receive(new)
            }
            if !events.isEmpty { await receiver.receive(events) }
            await run?.catchUp()
            lines = try await input.lines()
        }
    }
}
