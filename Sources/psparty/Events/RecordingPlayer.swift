import PartyCore

/// Hands on the events of a recording in the rhythm in which they came.
struct RecordingPlayer: Sendable {
    let input: RecordingInput
    let speed: ReplaySpeed
    let clock: PartyClock

    /// When the first event of a run was, there and here.
    private struct Beat {
        let recorded: Timestamp
        let uptime: Duration
    }

    /// - Parameter first: lines that have been read already.
    /// - Parameter run: decides from where on time counts, and is not to be overrun; `nil` where all counts.
    func play(
        _ first: [RecordingLine], _ run: StreamRun?, _ receiver: StreamReceiver
    ) async throws(PartyError) {
        var playback = RecordingPlayback()
        var beat: Beat?
        var lines: [RecordingLine]? = first
        while let batch = lines, !Task.isCancelled {
            var events: [StreamEvent] = []
            for line in batch {
                guard let (new, time) = playback.take(line) else {
                    // A new run: what was between it and the last one is no rhythm.
                    beat = nil
                    continue
                }
                guard case .times(let factor) = speed else {
                    events += new
                    continue
                }
                if run?.hasBegun ?? true {
                    let start = beat ?? Beat(recorded: time, uptime: clock.uptime())
                    beat = start
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
