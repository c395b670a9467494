/// Who gets the events of a stream: those of one turn of the socket at a time, in order.
public enum StreamReceiver: Sendable {
    /// Never waits for anything: it is called wherever the events arise, also on the thread that keeps the socket alive.
    case atOnce(@Sendable ([StreamEvent]) -> Void)
    /// May take its time, for which what comes next waits.
    case inItsTime(@Sendable ([StreamEvent]) async -> Void)

    /// Returns when the events have been received.
    package func receive(_ events: [StreamEvent]) async {
        switch self {
        case .atOnce(let receive): receive(events)
        case .inItsTime(let receive): await receive(events)
        }
    }

    /// The same, and after it `other`, which must not block.
    package func then(_ other: @escaping @Sendable ([StreamEvent]) -> Void) -> StreamReceiver {
        switch self {
        case .atOnce(let receive):
            .atOnce { events in
                receive(events)
                other(events)
            }
        case .inItsTime(let receive):
            .inItsTime { events in
                await receive(events)
                other(events)
            }
        }
    }
}
