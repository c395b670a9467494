internal import Synchronization

/// Takes what one push socket brings, on the socket's thread: messages go on to whoever receives them, signs of life to the
/// machine. Nobody here waits for the receiver, so that nobody who is slow holds up a ping.
final class PushReader: Sendable {
    /// Whole messages that the socket handed on at a time.
    struct Frames: Sendable {
        let messages: [[UInt8]]
        let connection: Int
        let time: Timestamp

        var size: Int { messages.reduce(0) { $0 + $1.count } }
    }

    /// Where it all goes.
    struct Outlets: Sendable {
        /// Gets what is to be handed on, in order.
        let deliver: @Sendable (StreamDelivery, _ connection: Int, Timestamp) -> Void
        /// Gets what the socket is told of once it has been taken.
        let deliverFrames: @Sendable (Frames) -> Void
        /// Called where something came that is no frame.
        let deliverPong: @Sendable () -> Void
        /// Gets what the machine has to know: `.arrived`, `.answered`, `.closed`.
        let tell: @Sendable (PushMachine.Input) -> Void
    }

    private let connection: Int
    private let maximumFrame: Int
    private let clock: PartyClock
    private let outlets: Outlets
    /// Whether the machine wants no sign of life now: it has one, or does not wait for any.
    let mark = LifeMark()
    private let hasHeard = Atomic(false)
    private let isStopped = Atomic(false)
    /// The time, in milliseconds, up to which messages are searched for answers to our frames.
    private let answersUntil: Atomic<Int64>
    /// What waits until the machine has taken the first sign of life: that makes the stream ready, which is to be told before
    /// any frame that came with it or behind it.
    private let held = PushArrivals()
    private let closed = Milestone()

    /// How long an answer may take, in milliseconds.
    private static let answerPatience: Int64 = 30_000

    init(connection: Int, maximumFrame: Int, clock: PartyClock, _ outlets: Outlets) {
        self.connection = connection
        self.maximumFrame = maximumFrame
        self.clock = clock
        self.outlets = outlets
        // Our status goes out as the socket opens.
        answersUntil = Atomic(clock.now().milliseconds + Self.answerPatience)
    }

    func take(_ arrivals: [PushArrival]) {
        if arrivals.contains(where: \.isOnlySignOfLife) { outlets.deliverPong() }
        if !hasHeard.exchange(true, ordering: .acquiringAndReleasing) {
            if arrivals.count == 1, arrivals.isClosed {
                handOn()
            } else {
                _ = mark.set()
                outlets.tell(.arrived)
            }
        }
        held.put(arrivals)
    }

    /// The machine has taken the first sign of life, or there is none to wait for.
    func handOn() {
        held.receive { self.pass($0) }
    }

    /// We are about to send a frame that the service answers. A later answer goes unnoticed: in a stream that stands no
    /// message is read twice.
    func expectAnswer() {
        answersUntil.store(clock.now().milliseconds + Self.answerPatience, ordering: .releasing)
    }

    /// From here on nothing is handed on.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        closed.reach()
    }

    /// Waits for the end of the socket, unless the task is cancelled.
    func end() async { await closed.wait() }

    private func pass(_ arrivals: [PushArrival]) {
        guard !isStopped.load(ordering: .acquiring) else { return }
        // Before it is received, which may be right here.
        if !arrivals.isClosed, mark.set() { outlets.tell(.arrived) }
        let now = clock.now()
        let mayAnswer = now.milliseconds < answersUntil.load(ordering: .acquiring)
        var messages: [[UInt8]] = []
        for arrival in arrivals {
            switch arrival {
            case .frame(let bytes):
                if mayAnswer, let answer = PushAnswer(bytes) { outlets.tell(.answered(answer)) }
                messages.append(bytes)
            case .oversized(let size):
                deliver(&messages, now)
                let problem = "a message over \(maximumFrame) bytes"
                outlets.deliver(.lifecycle(.frameInvalid(problem: problem, size: size)), connection, now)
            case .pong, .activity, .closed: break
            }
        }
        deliver(&messages, now)
        if case .closed(let closure)? = arrivals.last {
            outlets.tell(.closed(closure))
            closed.reach()
        }
    }
}

extension PushReader {
    private func deliver(_ messages: inout [[UInt8]], _ time: Timestamp) {
        guard !messages.isEmpty else { return }
        outlets.deliverFrames(Frames(messages: messages, connection: connection, time: time))
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

/// Whether a sign of life has been told since it was last asked for.
final class LifeMark: Sendable {
    private let isSet = Atomic(false)

    /// - Returns: whether it was not set before.
    func set() -> Bool { !isSet.exchange(true, ordering: .acquiringAndReleasing) }

    func clear() { isSet.store(false, ordering: .releasing) }

    /// Clears it.
    /// - Returns: whether it was set.
    func take() -> Bool { isSet.exchange(false, ordering: .acquiringAndReleasing) }
}
