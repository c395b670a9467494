/// What the stream brought on its way to whoever receives it, in order: the queue of `PushSession` that may be slow.
struct PushHandouts: Sendable {
    private enum Handout: Sendable {
        case delivery(StreamDelivery, connection: Int, Timestamp)
        case frames(PushReader.Frames, of: PushConnection)
        case pong
        case request(@Sendable () async -> Void)
    }

    private let inbox = Inbox<Handout>()

    func put(_ delivery: StreamDelivery, connection: Int, _ time: Timestamp) {
        inbox.put(.delivery(delivery, connection: connection, time))
    }

    /// Of many frames the socket's thread takes the next ones while somebody else works on these; one by itself is received
    /// right here, where somebody does so promptly.
    func put(_ frames: PushReader.Frames, of connection: PushConnection, promptly: PushSession.PromptReceiver?) {
        if let promptly, frames.messages.count == 1 {
            let isTaken = inbox.standIn {
                promptly(.frames(frames.messages), frames.connection, frames.time)
                connection.taken(frames.size)
            }
            if isTaken { return }
        }
        inbox.put(.frames(frames, of: connection))
    }

    /// Something came that is no frame.
    func putPong() { inbox.put(.pong) }

    /// Runs between two deliveries.
    func put(_ request: @escaping @Sendable () async -> Void) { inbox.put(.request(request)) }

    /// What waits is still handed out.
    func end() { inbox.end() }

    /// Hands out what comes until the end, where its caller runs.
    func handOut(_ receive: PushSession.Receiver, heardPong: () async -> Void) async {
        while let waiting = await inbox.next() {
            for handout in waiting {
                switch handout {
                case .delivery(let delivery, let connection, let time): await receive(delivery, connection, time)
                case .frames(let frames, let connection):
                    await receive(.frames(frames.messages), frames.connection, frames.time)
                    connection.taken(frames.size)
                case .pong: await heardPong()
                case .request(let request): await request()
                }
            }
        }
    }
}
