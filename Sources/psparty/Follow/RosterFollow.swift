internal import Dispatch
import PartyCore
import PartyLive
internal import Synchronization

/// Runs `show --follow`: prints the members of a party, and writes them to a file, after each change.
final class RosterFollow: Sendable {
    private struct State {
        var party: FollowedParty
        var printed: [UInt8]?
        var written: [UInt8]?
    }

    private let context: CommandContext
    private let output: StreamRun
    private let form: RosterForm
    private let file: (file: ReplacedFile, form: RosterForm)?
    private let state: Mutex<State>
    private let changes: AsyncStream<Void>
    private let signalChange: AsyncStream<Void>.Continuation
    private let queries: AsyncStream<Void>
    private let signalQuery: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "psparty.roster.file")

    /// Changes that follow one another within this time are one.
    static let pause: Duration = .milliseconds(100)

    /// - Parameter output: prints the states.
    init(
        _ party: FollowedParty, _ context: CommandContext, output: StreamRun, form: RosterForm,
        file: (file: ReplacedFile, form: RosterForm)?
    ) {
        self.context = context
        self.output = output
        self.form = form
        self.file = file
        state = Mutex(State(party: party))
        (changes, signalChange) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (queries, signalQuery) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the task is cancelled, the stream ends, or the file cannot be written.
    /// - Parameter options: of the stream; its events go to `receiver`.
    func run(_ options: PartyFeed.Options, _ receiver: StreamReceiver) async throws(PartyError) {
        var options = options
        options.beginsWithSnapshot = true
        options.view = { [self] view in
            state.withLock { $0.party.take(view) }
            signal()
        }
        signal()
        let feed = PartyFeed(context.environment, options)
        let failure = await withTaskGroup(of: PartyError?.self) { group in
            group.addTask { await Self.failure { () throws(PartyError) in try await feed.run(receiver) } }
            group.addTask { [self] in await Self.failure { () throws(PartyError) in try await show() } }
            group.addTask { [self] in await ask() }
            if state.withLock({ $0.party.wanted != nil }) { group.addTask { [self] in await poll() } }
            let first = await group.next() ?? nil
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        // What arrived on the way to the end.
        let last = await Self.failure { () throws(PartyError) in try await put() }
        if let failure = failure ?? last { throw failure }
    }

    private static func failure(_ body: () async throws(PartyError) -> Void) async -> PartyError? {
        do throws(PartyError) { try await body() } catch { return error }
        return nil
    }

    private func signal() {
        signalChange.yield()
        signalQuery.yield()
    }

    /// The party that this profile entered last.
    private var current: PartyID? { (try? context.client.currentPartyIfAny()) ?? nil }

    // MARK: - Output

    private func show() async throws(PartyError) {
        for await _ in changes {
            // The first state is shown at once.
            if state.withLock({ $0.printed != nil }) { await context.clock.sleep(Self.pause) }
            guard !Task.isCancelled else { return }
            try await put()
        }
    }

    /// Prints and writes the present state, where it differs from the one before.
    private func put() async throws(PartyError) {
        let current = current
        let party: PartySession?
        switch state.withLock({ $0.party.shown(current: current) }) {
        case .unknown: return
        case .noParty: party = nil
        case .party(let known): party = known
        }
        let me = state.withLock(\.party.me)
        if let file { try await write(file.form.lines(party, me: me, current: current), to: file.file) }
        var lines = form.lines(party, me: me, current: current)
        if form == .names { lines.append(0x0A) }
        let isNew = state.withLock { state in
            defer { state.printed = lines }
            return state.printed != lines
        }
        if isNew { output.put(context.console.shown(lines, form)) }
    }

    /// On a thread of its own, because a disk may block.
    private func write(_ lines: [UInt8], to file: ReplacedFile) async throws(PartyError) {
        guard state.withLock({ $0.written != lines }) else { return }
        let result: Result<Void, PartyError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(PartyError) in try file.replace(with: lines) })
            }
        }
        try result.get()
        state.withLock { $0.written = lines }
    }

    // MARK: - Look-ups

    private func ask() async -> PartyError? {
        for await _ in queries {
            while let id = question, !Task.isCancelled {
                let hasAnswer = await ask(id)
                await context.clock.sleep(hasAnswer ? FollowedParty.shortPause : FollowedParty.pause)
            }
        }
        return nil
    }

    private var question: PartyID? {
        // Spares a look at the disk for each event of a complete party.
        guard state.withLock(\.party.mayAsk) else { return nil }
        let current = current
        return state.withLock { $0.party.question(current: current) }
    }

    /// Repeats the look-up of a party that this account is not in.
    private func poll() async -> PartyError? {
        while !Task.isCancelled {
            await context.clock.sleep(state.withLock { $0.party.pause })
            state.withLock { $0.party.expire() }
            signalQuery.yield()
        }
        return nil
    }

    /// - Returns: whether the service answered.
    private func ask(_ id: PartyID) async -> Bool {
        state.withLock { $0.party.begin(id) }
        do throws(PartyError) {
            let party = try await context.client.party(id)
            state.withLock { $0.party.take(party, for: id) }
        } catch {
            guard error.kind == .notFound || error.kind == .forbidden else { return false }
            state.withLock { $0.party.take(nil, for: id) }
        }
        signalChange.yield()
        return true
    }
}

extension Console {
    /// Names are escaped already; JSON for a terminal is escaped here.
    fileprivate func shown(_ lines: [UInt8], _ form: RosterForm) -> [UInt8] {
        form == .json ? shown(lines) : lines
    }
}
