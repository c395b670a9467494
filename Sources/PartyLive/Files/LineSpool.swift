internal import Dispatch
package import PartyCore
internal import Synchronization

/// A queue of lines in front of a consumer that may block. The consumer runs on a thread of the spool, so that `put`
/// never waits. Lines wait in bounded memory and then in a file; none is lost.
package final class LineSpool: Sendable {
    /// Why the spool accepts no more lines.
    package enum Failure: Error, Sendable, Equatable {
        /// The consumer no longer reads.
        case takerLeft
        case failed(PartyError)
    }

    /// How the consumer gets lines.
    package struct Options: Sendable {
        var portion: LineBacklog.Portion
        var pause: Duration?

        /// As they arrive, in pieces of at most this number of bytes.
        package static func pieces(of size: Int) -> Options { Options(portion: .upTo(bytes: size)) }
        /// One line at a time.
        package static let oneByOne = Options(portion: .oneLine)
        /// The lines of this pause together; large amounts at once.
        package static func gathered(for pause: Duration) -> Options {
            Options(portion: .upTo(bytes: 1 << 20), pause: pause)
        }
    }

    /// Where lines wait while the consumer is slow.
    package struct SpillPolicy: Sendable {
        package var limits = LineBacklog.Limits()
        /// Makes the file for lines beyond the limit of memory.
        package var file: @Sendable () -> SpillFile

        package init(file: @escaping @Sendable () -> SpillFile) {
            self.file = file
        }
    }

    private enum Activity {
        case resting, pausing, taking
        /// The consumer waits until lines have been written to the file.
        case held
    }

    private struct State {
        var backlog: LineBacklog
        var activity = Activity.resting
        var isMoving = false
        /// The number of lines that the consumer is processing.
        var inHand = 0
        var failure: Failure?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0

        var isDone: Bool { failure != nil || (backlog.count == 0 && inHand == 0) }
    }

    private let state: Mutex<State>
    private let options: Options
    private let file: SpillFile
    private let takerQueue: DispatchQueue
    private let fileQueue: DispatchQueue
    private let take: @Sendable ([UInt8]) throws(Failure) -> Void
    private let onFailure: @Sendable () -> Void
    private let attempt: (@Sendable ([UInt8]) -> Int)?

    /// From this number of waiting bytes on there is no pause.
    private static let plenty = 256 << 10

    /// - Parameter take: the consumer: gets complete lines, in order, on another thread; may block.
    /// - Parameter attempt: writes as much as it can without waiting and returns the number of bytes. If no lines wait,
    ///   this saves a change of threads.
    /// - Parameter onFailure: called once, when the consumer has failed.
    package init(
        _ options: Options, _ spillPolicy: SpillPolicy, attempt: (@Sendable ([UInt8]) -> Int)? = nil,
        onFailure: @escaping @Sendable () -> Void = {},
        take: @escaping @Sendable ([UInt8]) throws(Failure) -> Void
    ) {
        state = Mutex(State(backlog: LineBacklog(spillPolicy.limits)))
        self.options = options
        self.take = take
        self.attempt = attempt
        self.onFailure = onFailure
        file = spillPolicy.file()
        takerQueue = DispatchQueue(label: "psparty.taker")
        fileQueue = DispatchQueue(label: "psparty.spill")
    }

    /// Takes that many complete lines and returns at once; after a failure it drops them.
    package func put(_ lines: [UInt8], count: Int) {
        guard count > 0 else { return }
        var isOverwhelmed = false
        let (mustTake, mustMove) = state.withLock { state -> (Activity?, Bool) in
            guard state.failure == nil else { return (nil, false) }
            let taken = state.activity == .resting && state.isDone ? attempt?(lines) ?? 0 : 0
            guard taken < lines.count else { return (nil, false) }
            let rest = taken == 0 ? lines : Array(lines[taken...])
            state.backlog.put(rest, count: taken == 0 ? count : rest.lineCount)
            isOverwhelmed = state.backlog.isOverwhelmed
            return (startTaking(&state), startMoving(&state))
        }
        if mustMove { fileQueue.async { self.move() } }
        switch (mustTake, options.pause) {
        case (.pausing, let pause?):
            takerQueue.asyncAfter(deadline: .now() + .milliseconds(Int(pause.inMilliseconds))) { self.drain() }
        case (.taking, _): takerQueue.async { self.drain() }
        default: break
        }
        if isOverwhelmed {
            let problem = "the reader is too slow, and so is the file for the waiting lines"
            fail(.failed(PartyError(.storage, problem, step: "output")))
        }
    }

    /// The work that the consumer's thread has to start, if any.
    private func startTaking(_ state: inout State) -> Activity? {
        let isPlenty = state.backlog.bytesInMemory >= Self.plenty
        switch state.activity {
        case .resting:
            state.activity = options.pause == nil || isPlenty ? .taking : .pausing
            return state.activity
        case .pausing where isPlenty:
            state.activity = .taking
            return .taking
        case .pausing, .taking, .held: return nil
        }
    }

    private func startMoving(_ state: inout State) -> Bool {
        guard !state.isMoving, state.backlog.mustMove else { return false }
        state.isMoving = true
        return true
    }

    private func drain() {
        while true {
            let next = state.withLock { state -> LineBacklog.Next in
                guard state.failure == nil else { return .nothing }
                let next = state.backlog.take(options.portion)
                switch next {
                case .lines(_, let count):
                    state.activity = .taking
                    state.inHand = count
                case .inFile: state.activity = .taking
                case .moving: state.activity = .held
                case .nothing: state.activity = .resting
                }
                return next
            }
            do throws(Failure) {
                switch next {
                case .lines(let bytes, _):
                    try take(bytes)
                    release(
                        state.withLock { state in
                            state.inHand = 0
                            return Self.waitersIfDone(&state)
                        })
                case .inFile: try readBack()
                case .moving, .nothing: return
                }
            } catch { return fail(error) }
        }
    }

    private func readBack() throws(Failure) {
        let lines: [UInt8]
        do throws(StoreError) { lines = try file.readLines() } catch { throw .failed(PartyError(error)) }
        state.withLock { $0.backlog.refill(lines, count: lines.lineCount) }
    }

    /// Writes the waiting lines to the file.
    private func move() {
        while true {
            let lines = state.withLock { state -> [UInt8]? in
                let lines = state.failure == nil ? state.backlog.startMoving() : nil
                if lines == nil { state.isMoving = false }
                return lines
            }
            guard let lines else { return }
            do throws(StoreError) { try file.append(lines) } catch { return fail(.failed(PartyError(error))) }
            let isHeld = state.withLock { state -> Bool in
                guard state.failure == nil else { return false }
                state.backlog.finishMoving()
                defer { if state.activity == .held { state.activity = .taking } }
                return state.activity == .held
            }
            if isHeld { takerQueue.async { self.drain() } }
        }
    }

    private func fail(_ failure: Failure) {
        let (isFirst, waiters) = state.withLock { state in
            guard state.failure == nil else { return (false, [CheckedContinuation<Void, Never>]()) }
            state.failure = failure
            return (true, Self.waitersIfDone(&state))
        }
        release(waiters)
        if isFirst { onFailure() }
    }
}

// MARK: - The end

extension LineSpool {
    /// The failure that ended the spool, if any.
    package var failure: Failure? { state.withLock(\.failure) }

    /// How many lines the consumer has not finished.
    package var waiting: Int { state.withLock { $0.backlog.count + $0.inHand } }

    /// Waits until the consumer has taken all lines or has failed; ends early if the task is cancelled.
    package func drained() async {
        takerQueue.async { self.hurry() }
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isDone || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Ends a pause.
    private func hurry() {
        let mustTake = state.withLock { state in
            guard state.activity == .pausing else { return false }
            state.activity = .taking
            return true
        }
        if mustTake { drain() }
    }

    /// Takes no more lines and drops those that wait.
    package func abandon() {
        state.withLock { state in
            if state.failure == nil { state.failure = .takerLeft }
            state.backlog.removeAll()
        }
    }

    private static func waitersIfDone(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.isDone else { return [] }
        defer { state.waiters = [:] }
        return Array(state.waiters.values)
    }

    private func release(_ waiters: [CheckedContinuation<Void, Never>]) {
        for waiter in waiters { waiter.resume() }
    }
}
