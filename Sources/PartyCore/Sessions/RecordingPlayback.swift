/// Makes events of a recording's lines, as the stream made them when it was recorded.
package struct RecordingPlayback: Sendable {
    private var fold = StreamFold()

    package init() {}

    /// The events of a record, and its time; `nil` for the head of a run, with which everything begins anew.
    package mutating func take(_ line: RecordingLine) -> (events: [StreamEvent], time: Timestamp)? {
        switch line {
        case .head:
            fold = StreamFold()
            return nil
        case .record(let record):
            let (events, _) = fold.take(record.delivery, connection: record.connection, time: record.time)
            return (events, record.time)
        }
    }
}
