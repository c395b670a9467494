/// One thing the stream brought, as users see it: an event of a party session, or of the stream itself.
public struct StreamEvent: Sendable, Equatable {
    /// What it is about.
    public enum Content: Sendable, Equatable {
        /// Apart, so that events are passed on without a copy of all that is in them.
        indirect case party(PartyEvent)
        /// A change of the stream itself.
        case lifecycle(StreamLifecycle)
        /// An event that has come before; only shown raw.
        case duplicate
        /// A frame that carries no event; only shown raw.
        case unknownFrame
    }

    /// How we came to know.
    public enum Origin: Sendable, Equatable {
        /// The stream brought it.
        case frame
        /// It was missed, and found by asking the service afterwards.
        case comparison
        /// It was so already when the stream began.
        case snapshot
    }

    /// When it arrived here.
    public let time: Timestamp
    /// Which connection of this run brought it, from 1; 0 before the first stands.
    public let connection: Int
    /// What it is.
    public let content: Content
    /// How we came to know.
    public let origin: Origin
    /// The frame as it came; `nil` for what no frame brought.
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
