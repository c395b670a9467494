/// An event of the stream: of a party session, or of the stream itself.
public struct StreamEvent: Sendable, Equatable {
    /// The content of the event.
    public enum Content: Sendable, Equatable {
        /// An event of a party session.
        indirect case party(PartyEvent)
        /// A change of the stream itself.
        case lifecycle(StreamLifecycle)
        /// A repetition of an earlier event. Programs usually ignore it.
        case duplicate
        /// A frame without an event. Programs usually ignore it.
        case unknownFrame
    }

    /// How the library learned of an event.
    public enum Origin: Sendable, Equatable {
        /// A frame brought it.
        case frame
        /// It was missed, and found by asking the service later.
        case comparison
        /// It describes the state at the start of the stream.
        case snapshot
    }

    /// When it arrived, by this machine's clock.
    public let time: Timestamp
    /// The number of the connection in this run, from 1; 0 before the first.
    public let connection: Int
    /// The content.
    public let content: Content
    /// How the library learned of it.
    public let origin: Origin
    /// The frame, unchanged; `nil` if no frame brought the event.
    public let frame: [UInt8]?

    package init(
        time: Timestamp, connection: Int, content: Content, origin: Origin = .frame, frame: [UInt8]? = nil
    ) {
        self.time = time
        self.connection = connection
        self.content = content
        self.origin = origin
        self.frame = frame
    }
}
