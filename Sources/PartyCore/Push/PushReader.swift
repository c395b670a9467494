internal import Synchronization

/// Takes what one push socket brings, on the socket's thread. Messages go to the `DeliveryQueue`, signs of life, answers and
/// the end to the machine. It never waits, so that a slow receiver delays no ping.
final class PushReader: Sendable {
    private let socket: PushConnection
    private let connection: Int
    private let maximumFrame: Int
    private let clock: PartyClock
    private let queue: DeliveryQueue
    private let inline: PushSession.InlineReceiver?
    /// Gets `.arrived`, `.answered` and `.closed`.
    private let tell: @Sendable (PushMachine.Input) -> Void
    /// Cleared while the machine waits for a sign of life; the first one sets it.
    let activity = ActivityFlag()
    /// Whether the queue has the pong that `take` sees next: the one among the first arrivals.
    private let hasPutFirst = Atomic(false)
    private let isStopped = Atomic(false)
    /// The time, in milliseconds, up to which messages are searched for answers to our frames.
    private let answersUntil: Atomic<Int64>
    private let closed = OneShotEvent()

    /// How long an answer may take, in milliseconds.
    private static let answerTimeout: Int64 = 30_000

    /// - Parameter connection: the number of the connection, from 1.
    init(
        _ socket: PushConnection, connection: Int, maximumFrame: Int, clock: PartyClock, _ queue: DeliveryQueue,
        inline: PushSession.InlineReceiver?, tell: @escaping @Sendable (PushMachine.Input) -> Void
    ) {
        self.socket = socket
        self.connection = connection
        self.maximumFrame = maximumFrame
        self.clock = clock
        self.queue = queue
        self.inline = inline
        self.tell = tell
        // Our status goes out as the socket opens.
        answersUntil = Atomic(clock.now().milliseconds + Self.answerTimeout)
    }

    /// Tells the machine of the first sign of life. What has arrived stays in the socket's `PushArrivals` until `deliver`: the
    /// machine reports that the stream is ready before any frame is delivered.
    func begin() {
        socket.arrivals.whenFirst { [self] first in
            if first.count == 1, first.isClosed { return deliver() }
            // Before `ready`: a service manager is told of both at once.
            queue.putPong()
            hasPutFirst.store(first.contains(where: \.isOnlySignOfLife), ordering: .releasing)
            _ = activity.set()
            tell(.arrived)
        }
    }

    /// Delivers what has arrived and what will arrive. Only the first call has an effect.
    func deliver() {
        socket.arrivals.receive { [self] in take($0) }
    }

    /// We are about to send a frame that the service answers. A later answer goes unnoticed: in a stream that stands no
    /// message is parsed twice.
    func expectAnswer() {
        answersUntil.store(clock.now().milliseconds + Self.answerTimeout, ordering: .releasing)
    }

    /// From here on nothing is delivered.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        closed.set()
    }

    /// Waits until the socket has closed, or the task is cancelled.
    func waitUntilClosed() async { await closed.wait() }

    private func take(_ arrivals: [PushArrival]) {
        guard !isStopped.load(ordering: .acquiring) else { return }
        if arrivals.contains(where: \.isOnlySignOfLife), !hasPutFirst.exchange(false, ordering: .acquiringAndReleasing)
        {
            queue.putPong()
        }
        // Before it is received, which may be on this thread.
        if !arrivals.isClosed, activity.set() { tell(.arrived) }
        let now = clock.now()
        let mayAnswer = now.milliseconds < answersUntil.load(ordering: .acquiring)
        var messages: [[UInt8]] = []
        for arrival in arrivals {
            switch arrival {
            case .frame(let bytes):
                if mayAnswer, let answer = PushAnswer(bytes) { tell(.answered(answer)) }
                messages.append(bytes)
            case .oversized(let size):
                put(&messages, now)
                let problem = "a message over \(maximumFrame) bytes"
                queue.put(
                    .lifecycle(.frameInvalid(problem: problem, size: size)), connection: connection, now)
            case .pong, .activity, .closed: break
            }
        }
        put(&messages, now)
        if case .closed(let closure)? = arrivals.last {
            tell(.closed(closure))
            closed.set()
        }
    }

    private func put(_ messages: inout [[UInt8]], _ time: Timestamp) {
        guard !messages.isEmpty else { return }
        let frames = DeliveryQueue.Frames(
            messages: messages, connection: connection, time: time, taken: socket.taken)
        queue.put(frames, inline: inline)
        messages = []
    }
}

extension PushArrival {
    fileprivate var isOnlySignOfLife: Bool {
        switch self {
        case .pong, .activity: true
        case .frame, .oversized, .closed: false
        }
    }
}
