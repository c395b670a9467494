/// Where one run's events go, and what is kept of them.
struct StreamOutlet: Sendable {
    let receiver: StreamReceiver
    /// Gets each record before its events are received.
    let record: (@Sendable (StreamRecord) -> Void)?

    func put(_ record: StreamRecord, _ fold: inout StreamFold) -> [StreamEvent] {
        let (events, connection) = fold.take(record.delivery, connection: record.connection, time: record.time)
        keep(record, connection: connection)
        return events
    }

    /// - Parameter connection: the one of this run that the record belongs to.
    func keep(_ record: StreamRecord, connection: Int) {
        self.record?(StreamRecord(record.delivery, connection: connection, time: record.time))
    }
}
