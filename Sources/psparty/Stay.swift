import PartyCore

/// Opens the push stream, enters a party session, prints what happens until told to stop, and leaves on the way out where
/// it is told so: however it comes to that.
struct Stay<Command: EntryCommand>: Sendable {
    private let command: Command
    private let context: CommandContext
    /// The stream tells of what happens from here on.
    private let ready = OneShotEvent()
    /// Nothing more is printed.
    private let ended = OneShotEvent()
    private let departure = Departure()
    /// A request to enter is on its way, or was refused, and no party is known from its answer.
    private let hasBegunToEnter = OneShotEvent()

    /// How long entering may go on after we were told to stop: only what has been entered can be left.
    private static var enteringPatience: Duration { .seconds(2) }
    /// Three tries at a service that answers with an error take a little over 3 s.
    private static var leavingPatience: Duration { .milliseconds(3700) }
    /// How long the stream may take to tell of it.
    private static var tellingPatience: Duration { .milliseconds(1200) }

    /// What became of it.
    private struct Outcome: Sendable {
        var party: PartyID?
        var failure: PartyError?
    }

    init(_ command: Command, _ context: CommandContext) {
        self.command = command
        self.context = context
    }

    /// - Throws: what went wrong first, of entering, printing, inviting and leaving.
    func run() async throws(PartyError) {
        var filter = command.stay.filter
        let me = try await context.client.accessToken().accountID
        filter.me = me
        let stream = try StreamRun(context, command.stay.events, filter)
        // Not of our own task: it goes on while we leave, and tells of that as well.
        let printing = Task { () async -> PartyError? in
            defer { ended.set() }
            do throws(PartyError) { try await stream.print(source, for: command.listeningTime) } catch { return error }
            return nil
        }
        var outcome = await outcome()
        if outcome.party == nil, let party = partyEnteredUnanswered(me) {
            // That we were told to stop is no failure; that the party cannot be left is one.
            outcome = Outcome(party: party, failure: outcome.failure?.kind == .cancelled ? nil : outcome.failure)
        }
        let left = await leave(outcome.party, as: me)
        printing.cancel()
        let printed = await printing.value
        // Why the party was not entered comes first, unless it was for the end of the stream.
        let isFirst = outcome.party == nil && outcome.failure?.kind != .timeout
        let failures = isFirst ? [outcome.failure, printed, left] : [printed, outcome.failure, left]
        guard let failure = failures.compactMap({ $0 }).first else { return }
        let hasLeft = command.stay.leave && left == nil
        let untold = failure.step == "output" && !hasLeft ? outcome.party.map(Command.deed) : nil
        throw failure.naming(untold)
    }

    private func source(_ receiver: StreamReceiver) async throws(PartyError) {
        let followed = receiver.then { [ready, departure] events in
            departure.take(events)
            if events.contains(where: { $0.content == .lifecycle(.ready) }) { ready.set() }
        }
        try await PartyFeed(context.environment, command.stay.feed.awaited).run(followed)
    }

    /// Returns once there is nothing left but to go.
    private func outcome() async -> Outcome {
        do throws(PartyError) {
            guard await isReady(), let preparation = try await preparation() else {
                return Outcome(failure: notEntered)
            }
            let id = try await entered(preparation)
            context.notice("psparty: in party \(id.text.displayed)")
            let failure = await settled(id, preparation)
            await ended.wait()
            return Outcome(party: id, failure: failure)
        } catch { return Outcome(failure: error) }
    }

    /// Told to stop while the answer had not come: the stream may have told of it.
    private func partyEnteredUnanswered(_ me: AccountID) -> PartyID? {
        guard hasBegunToEnter.isSet else { return nil }
        let party = departure.partyEntered(by: me)
        if let party, !command.stay.leave { context.notice("psparty: in party \(party.text.displayed)") }
        if party == nil, Task.isCancelled {
            context.console.complain(
                "psparty: no answer came to the request: you may be in a party, see `\(seeing)`\n")
        }
        return party
    }

    private var seeing: String { context.configuration.invocation.command("list") }

    /// The time may end before anything was done; who reads no more, or says stop, wants to hear nothing.
    private var notEntered: PartyError? {
        guard !Task.isCancelled, command.listeningTime != nil else { return nil }
        return PartyError(.timeout, "the time ended before the party was entered", step: "push")
    }

    /// Whether the stream is ready; not where it has ended, or we are to stop.
    private func isReady() async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            for milestone in [ready, ended] { group.addTask { await milestone.wait() } }
            await group.next()
            group.cancelAll()
        }
        return !Task.isCancelled && !ended.isSet
    }

    /// `nil` where the stream ends first, or we are to stop.
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
                await clock.sleep(Self.enteringPatience)
                entering.cancel()
            }
        }
        return try result.get()
    }

    /// What follows on entering. A failure there is told at once and decides the exit status, but we stay.
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
        // Not in our own task, which Ctrl-C has cancelled.
        return await Task { [context] () async -> PartyError? in
            let result = await context.clock.within(Self.leavingPatience, step: "leave") { () throws(PartyError) in
                try await context.client.leave(party)
            }
            if case .failure(let error) = result { return Self.mayHaveStayed(error, party) }
            if !ended.isSet {
                await context.clock.run(for: Self.tellingPatience) { await departure.isTold(of: party, for: me) }
            }
            return nil
        }.value
    }

    private static func mayHaveStayed(_ error: PartyError, _ party: PartyID) -> PartyError {
        var error = error
        // The limit of that wait is ours, not one that the user asked for.
        if error.kind == .timeout { error.kind = .unreachable }
        if error.hint == nil { error.remedy = error.remedy ?? .leaveParty(party) }
        return error
    }
}
