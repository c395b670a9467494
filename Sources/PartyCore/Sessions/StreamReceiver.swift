/// Receives the events of a stream in order, those of one turn of the socket at a time.
public enum StreamReceiver: Sendable {
    /// Called where the events arise, possibly on the thread that keeps the socket alive. It must not block.
    case atOnce(@Sendable ([StreamEvent]) -> Void)
    /// May wait. Later events wait in memory meanwhile.
    case inItsTime(@Sendable ([StreamEvent]) async -> Void)

    /// Returns when the events have been received.
    package func receive(_ events: [StreamEvent]) async {
        switch self {
        case .atOnce(let receive): receive(events)
        case .inItsTime(let receive): await receive(events)
        }
    }

    /// The same receiver, followed by `other`, which must not block.
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
