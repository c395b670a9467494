/// What the stream brought, in order, on its way to a receiver that may be slow. It waits in memory.
struct DeliveryQueue: Sendable {
    /// Whole messages that a socket passed on at a time.
    struct Frames: Sendable {
        let messages: [[UInt8]]
        let connection: Int
        let time: Timestamp
        /// Tells the socket how many bytes have been processed.
        let taken: @Sendable (_ bytes: Int) -> Void

        fileprivate func reportTaken() { taken(messages.reduce(0) { $0 + $1.count }) }
    }

    private enum Item: Sendable {
        case delivery(StreamDelivery, connection: Int, Timestamp)
        case frames(Frames)
        case pong
        case request(@Sendable () async -> Void)
    }

    private let queue = AsyncQueue<Item>()

    func put(_ delivery: StreamDelivery, connection: Int, _ time: Timestamp) {
        queue.put(.delivery(delivery, connection: connection, time))
    }

    /// A single frame is processed on the calling thread if the receiver is idle and never waits. Several are left to the
    /// receiver's task: meanwhile the socket's thread reads the next ones.
    func put(_ frames: Frames, inline: PushSession.InlineReceiver?) {
        if let inline, frames.messages.count == 1 {
            let isProcessed = queue.processInlineIfIdle {
                inline(.frames(frames.messages), frames.connection, frames.time)
                frames.reportTaken()
            }
            if isProcessed { return }
        }
        queue.put(.frames(frames))
    }

    /// The stream lives: a pong arrived, part of a message, or the first thing on a connection.
    func putPong() { queue.put(.pong) }

    /// Runs between two deliveries.
    func put(_ request: @escaping @Sendable () async -> Void) { queue.put(.request(request)) }

    /// Items that wait are still delivered.
    func end() { queue.end() }

    /// Delivers items until the end, in the caller's task.
    func deliver(_ receive: PushSession.Receiver, onPong: () async -> Void) async {
        while let items = await queue.next() {
            for item in items {
                switch item {
                case .delivery(let delivery, let connection, let time): await receive(delivery, connection, time)
                case .frames(let frames):
                    await receive(.frames(frames.messages), frames.connection, frames.time)
                    frames.reportTaken()
                case .pong: await onPong()
                case .request(let request): await request()
                }
            }
        }
    }
}
