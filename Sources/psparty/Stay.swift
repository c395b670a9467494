import PartyCore

/// Runs `create --listen` and `join --listen`: opens the push stream, enters the party, prints events until stopped, and
/// with `--leave` always leaves at the end.
struct Stay<Command: EntryCommand>: Sendable {
    private let command: Command
    private let context: CommandContext
    /// The stream is ready: later events will be received.
    private let ready = OneShotEvent()
    /// Printing has ended.
    private let ended = OneShotEvent()
    private let departure = Departure()
    /// A request to enter was started; its response may be missing.
    private let hasBegunToEnter = OneShotEvent()

    /// How long a request to enter may run after a stop: its response names the party to leave.
    private static var enteringTimeout: Duration { .seconds(2) }
    /// Three tries against a failing service take slightly more than 3 s.
    private static var leavingTimeout: Duration { .milliseconds(3700) }
    /// How long to wait for the stream's event after leaving.
    private static var leftEventTimeout: Duration { .milliseconds(1200) }

    /// The result of entering.
    private struct Outcome: Sendable {
        var party: PartyID?
        var failure: PartyError?
    }

    init(_ command: Command, _ context: CommandContext) {
        self.command = command
        self.context = context
    }

    /// - Throws: the first failure among entering, printing, inviting and leaving.
    func run() async throws(PartyError) {
        var filter = command.stay.filter
        let me = try await context.client.accessToken().accountID
        filter.me = me
        var run = try StreamRun(context, command.stay.events, filter)
        run.listener = await context.listenerName()
        let stream = run
        // An unstructured task: printing continues while we leave, and prints that event too.
        let printing = Task { () async -> PartyError? in
            defer { ended.set() }
            do throws(PartyError) { try await stream.print(source, for: command.listeningTime) } catch { return error }
            return nil
        }
        var outcome = await outcome()
        if outcome.party == nil, let party = partyEnteredUnanswered(me) {
            // Being stopped is not a failure; being unable to leave the party is.
            outcome = Outcome(party: party, failure: outcome.failure?.kind == .cancelled ? nil : outcome.failure)
        }
        let left = await leave(outcome.party, as: me)
        printing.cancel()
        let printed = await printing.value
        // The reason why the party was not entered comes first, unless the end of the stream caused it.
        let isFirst = outcome.party == nil && outcome.failure?.kind != .timeout
        let failures = isFirst ? [outcome.failure, printed, left] : [printed, outcome.failure, left]
        guard let failure = failures.compactMap({ $0 }).first else { return }
        let hasLeft = command.stay.leave && left == nil
        let unreported = failure.step == "output" && !hasLeft ? outcome.party.map(Command.effect) : nil
        throw failure.naming(unreported)
    }

    private func source(_ receiver: StreamReceiver) async throws(PartyError) {
        let followed = receiver.then { [ready, departure] events in
            departure.take(events)
            if events.contains(where: { $0.content == .lifecycle(.ready) }) { ready.set() }
        }
        try await PartyFeed(context.environment, command.stay.feed.awaited).run(followed)
    }

    /// Enters the party and returns when it is time to leave.
    private func outcome() async -> Outcome {
        do throws(PartyError) {
            guard await isReady(), let preparation = try await preparation() else {
                tellIfReaderExited()
                return Outcome(failure: notEntered)
            }
            let id = try await entered(preparation)
            context.notice("psparty: in party \(id.text.displayed)")
            let failure = await settled(id, preparation)
            await ended.wait()
            return Outcome(party: id, failure: failure)
        } catch { return Outcome(failure: error) }
    }

    /// After a stop without a response to the request: the party that the stream says we joined.
    private func partyEnteredUnanswered(_ me: AccountID) -> PartyID? {
        guard hasBegunToEnter.isSet else { return nil }
        let party = departure.partyEntered(by: me)
        if let party, !command.stay.leave { context.notice("psparty: in party \(party.text.displayed)") }
        if party == nil, Task.isCancelled {
            context.console.errorOutput(
                "psparty: the request got no response, so you may be in a party; check with `\(seeing)`\n")
        }
        return party
    }

    private var seeing: String { context.configuration.invocation.command("list") }

    /// The exit status is 0, so a message tells that the party was not entered.
    private func tellIfReaderExited() {
        guard !Task.isCancelled, context.console.readerExit.isSet else { return }
        context.notice("psparty: the reader of standard output exited before the party was entered")
    }

    /// An error only if the time ran out: a closed reader or a stop is none.
    private var notEntered: PartyError? {
        guard !Task.isCancelled, !context.console.readerExit.isSet, command.listeningTime != nil else { return nil }
        return PartyError(.timeout, "--timeout expired before the party was entered", step: "push")
    }

    /// Waits for the stream. `false` if the stream ended or the task was cancelled.
    private func isReady() async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            for milestone in [ready, ended] { group.addTask { await milestone.wait() } }
            await group.next()
            group.cancelAll()
        }
        return !Task.isCancelled && !ended.isSet
    }

    /// `nil` if the stream ends first or the task is cancelled.
    private func preparation() async throws(PartyError) -> Command.Preparation? {
        let result = await withTaskGroup(of: Result<Command.Preparation, PartyError>?.self) { group in
            group.addTask {
                do throws(PartyError) { return .success(try await command.prepare(in: context)) } catch {
                    return .failure(error)
                }
            }
            group.addTask { [ended] in
                await ended.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return Task.isCancelled ? nil : try result?.get()
    }

    private func entered(_ preparation: Command.Preparation) async throws(PartyError) -> PartyID {
        hasBegunToEnter.set()
        let entering = Task { () async -> Result<PartyID, PartyError> in
            do throws(PartyError) { return .success(try await command.enter(preparation, in: context)) } catch {
                return .failure(error)
            }
        }
        let result = await withTaskCancellationHandler {
            await entering.value
        } onCancel: {
            guard command.stay.leave else { return entering.cancel() }
            Task { [clock = context.clock] in
                await clock.sleep(Self.enteringTimeout)
                entering.cancel()
            }
        }
        return try result.get()
    }

    /// Performs the steps after entering. A failure is reported at once and decides the exit status, but does not end the
    /// stay.
    private func settled(_ id: PartyID, _ preparation: Command.Preparation) async -> PartyError? {
        guard !Task.isCancelled else { return nil }
        var failure: PartyError?
        do throws(PartyError) {
            failure = try await command.report(on: id, preparation, in: context).failure
        } catch { failure = error }
        guard let failure, failure.kind != .cancelled else { return nil }
        context.notice("psparty: \(failure.message.displayed)")
        return failure
    }

    private func leave(_ party: PartyID?, as me: AccountID) async -> PartyError? {
        guard let party, command.stay.leave else { return nil }
        // In a new task, because Ctrl-C has cancelled the current one.
        return await Task { [context] () async -> PartyError? in
            let result = await context.clock.within(Self.leavingTimeout, step: "leave") { () throws(PartyError) in
                try await context.client.leave(party)
            }
            if case .failure(let error) = result { return Self.mayHaveStayed(error, party) }
            if !ended.isSet {
                await context.clock.run(for: Self.leftEventTimeout) { await departure.waitUntilLeft(party, by: me) }
            }
            return nil
        }.value
    }

    private static func mayHaveStayed(_ error: PartyError, _ party: PartyID) -> PartyError {
        var error = error
        // This time limit is internal; `.timeout` is reserved for limits that the user set.
        if error.kind == .timeout { error.kind = .unreachable }
        if error.hint == nil { error.remedy = error.remedy ?? .leaveParty(party) }
        return error
    }
}
