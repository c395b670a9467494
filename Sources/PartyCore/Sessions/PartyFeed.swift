/// One thing the stream brought, as users see it: an event of a party session, or of the stream itself.
public struct StreamEvent: Sendable, Equatable {
    /// What it is about.
    public enum Content: Sendable, Equatable {
        case party(PartyEvent)
        case lifecycle(StreamLifecycle)
        /// A frame that carries no event; only shown raw.
        case unknownFrame
    }

    /// When it arrived here.
    public let time: Timestamp
    /// Which connection of this run brought it, from 1; 0 before the first stands.
    public let connection: Int
    /// What it is.
    public let content: Content
    /// The frame as it came; `nil` for what no frame brought.
    public let frame: [UInt8]?
}

/// The push stream as events, over any number of connections.
public struct PartyFeed: Sendable {
    /// How hard a lost stream is tried for, and how large a frame may be.
    public struct Options: Sendable {
        /// Whether a lost stream is tried for at all.
        public var reconnects = true
        /// Give up after so many tries in a row.
        public var maximumTries: Int?
        /// Give up after so long without a stream.
        public var maximumOutage: Duration?
        /// Bytes; a larger frame is reported and skipped.
        public var maximumFrame = 1 << 20

        public init() {}
    }

    private let environment: PartyEnvironment
    private let options: Options

    public init(_ environment: PartyEnvironment, _ options: Options) {
        self.environment = environment
        self.options = options
    }

    /// Streams until the task is cancelled, which closes the socket properly and returns.
    /// - Parameter receive: gets the events of one turn of the socket, in order. It must not block: keepalive waits for it.
    /// - Throws: `PartyError` where the stream cannot be had, or was lost for good.
    public func run(_ receive: @escaping @Sendable ([StreamEvent]) async -> Void) async throws(PartyError) {
        var policy = PushMachine.Policy()
        policy.reconnects = options.reconnects
        policy.maximumTries = options.maximumTries
        policy.maximumOutage = options.maximumOutage
        let session = PushSession(environment, policy: policy, maximumFrame: options.maximumFrame)
        let reader = FrameReader()
        try await session.run { delivery, connection, time in
            await receive(await reader.events(delivery, connection: connection, time: time))
        }
    }
}

/// Turns frames into events and folds them into the state that completes the next ones.
private actor FrameReader {
    private var state = PartyState()

    func events(_ delivery: PushSession.Delivery, connection: Int, time: Timestamp) -> [StreamEvent] {
        func event(_ content: StreamEvent.Content, _ frame: [UInt8]?) -> StreamEvent {
            StreamEvent(time: time, connection: connection, content: content, frame: frame)
        }
        switch delivery {
        case .lifecycle(let lifecycle): return [event(.lifecycle(lifecycle), nil)]
        case .frames(let frames):
            return frames.map { bytes in
                do throws(CodecError) {
                    return event(content(of: try PushFrame(bytes)), bytes)
                } catch {
                    return event(.lifecycle(.frameInvalid(problem: error.description, size: bytes.count)), nil)
                }
            }
        }
    }

    private func content(of frame: PushFrame) -> StreamEvent.Content {
        guard frame.isEvent else { return .unknownFrame }
        return .party(state.apply(PushEventDecoder.event(in: frame)))
    }
}
