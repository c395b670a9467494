/// Where one run's events go, and what is kept of them.
struct StreamOutlet: Sendable {
    let receiver: StreamReceiver
    /// Gets each record before its events are received.
    let record: (@Sendable (StreamRecord) -> Void)?
    /// Gets the state after each record, before its events are received.
    var view: (@Sendable (StreamView) -> Void)?

    func put(_ record: StreamRecord, _ fold: inout StreamFold) -> [StreamEvent] {
        let (events, connection) = fold.take(record.delivery, connection: record.connection, time: record.time)
        keep(record, connection: connection)
        show(fold, after: events)
        return events
    }

    func show(_ fold: borrowing StreamFold, after events: [StreamEvent]) {
        view?(StreamView(state: fold.state, incomplete: fold.newcomers, isKnown: fold.isKnown, events: events))
    }

    /// - Parameter connection: the one of this run that the record belongs to.
    func keep(_ record: StreamRecord, connection: Int) {
        self.record?(StreamRecord(record.delivery, connection: connection, time: record.time))
    }
}
