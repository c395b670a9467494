internal import Synchronization

/// Takes what one push socket brings: messages go on to whoever receives them, signs of life to the machine. The machine
/// never waits for the receiver, so that nobody who is slow holds up a ping.
struct PushReader: Sendable {
    /// Whole messages of one turn of the socket.
    struct Frames: Sendable {
        let messages: [[UInt8]]
        let connection: Int
        let time: Timestamp

        var size: Int { messages.reduce(0) { $0 + $1.count } }
    }

    let connection: Int
    let clock: PartyClock
    /// Gets what is to be handed on, in order.
    let deliver: @Sendable (StreamDelivery, _ connection: Int, Timestamp) -> Void
    /// Gets what the socket is told of once it has been taken.
    let deliverFrames: @Sendable (Frames) -> Void
    /// Called where something came that is no frame.
    let deliverPong: @Sendable () -> Void
    /// Gets what the machine has to know: `.arrived`, `.closed`.
    let tell: @Sendable (PushMachine.Input) -> Void
    /// Whether the machine wants no sign of life now: it has one, or does not wait for any.
    let mark = LifeMark()
    /// The machine has taken the first sign of life.
    let isHeard = Milestone()

    /// Reads until the socket ends or the task is cancelled.
    func run(_ opened: PushConnection, maximumFrame: Int) async {
        var isFirst = true
        for await arrivals in opened.arrivals {
            if arrivals.contains(.pong) { deliverPong() }
            if isFirst, arrivals.count > 1 || !arrivals.isClosed {
                isFirst = false
                _ = mark.set()
                tell(.arrived)
                // It makes the stream ready, which is to be told before any frame that came with it or behind it.
                await isHeard.wait()
            }
            let now = clock.now()
            let frames = arrivals.compactMap { arrival -> [UInt8]? in
                if case .frame(let bytes) = arrival { bytes } else { nil }
            }
            if !frames.isEmpty { deliverFrames(Frames(messages: frames, connection: connection, time: now)) }
            for case .oversized(let size) in arrivals {
                let problem = "a message over \(maximumFrame) bytes"
                deliver(.lifecycle(.frameInvalid(problem: problem, size: size)), connection, now)
            }
            if case .closed(let closure)? = arrivals.last {
                tell(.closed(closure))
            } else if mark.set() {
                tell(.arrived)
            }
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

extension [PushArrival] {
    /// Whether the last of them is the end.
    fileprivate var isClosed: Bool { if case .closed? = last { true } else { false } }
}
