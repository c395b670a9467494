/// Follows the stream of the process that holds the connection.
struct StreamFollower: Sendable {
    let clock: PartyClock
    let options: PartyFeed.Options
    let outlet: StreamOutlet
    var onActivity: (@Sendable () -> Void)?

    /// Why the connection to the holder ended.
    enum End: Sendable {
        /// The holder is gone, has cut us off, or says nothing any more, with what it said of our memberships' mark.
        case holderGone(context: ContextID)
        /// It went before it said anything.
        case notGreeted
        /// The process there does not answer, or in an unknown format.
        case unanswered
    }

    /// How long the holder may take to greet.
    private static let retryPause: Duration = .seconds(2)
    /// How often it is looked whether the holder has said anything. It gives a sign of life more often.
    static let silence: Duration = .seconds(10)
    /// A holder that has said nothing in so many looks in a row is stopped, or hangs; one would be enough, but for a machine
    /// that slept.
    static let quietLooks = 3

    /// Streams until the holder is gone or the task is cancelled.
    /// - Throws: where the options say that a lost stream is to be given up.
    func run(_ holder: ShareConnection, _ fold: inout StreamFold) async throws(PartyError) -> End {
        let isLate = OneShotEvent()
        let limit = Task { [clock] in
            await clock.sleep(Self.retryPause)
            guard !Task.isCancelled else { return }
            isLate.set()
            holder.close()
        }
        let pulse = ActivityFlag()
        let watch = Task { [clock] in
            var quietLooks = 0
            while !Task.isCancelled, quietLooks < Self.quietLooks {
                await clock.sleep(Self.silence)
                quietLooks = pulse.take() ? 0 : quietLooks + 1
            }
            holder.close()
        }
        defer {
            limit.cancel()
            watch.cancel()
            holder.close()
        }
        fold.changeHolder()
        var greeting: StreamGreeting?
        var outageLimit = OutageLimit(options)
        var resync = OwedResync(isOwed: fold.hasConnected)
        var start = OwedConnected()
        for await batch in holder.received {
            // A heartbeat proves that the holder runs, not that its stream delivers.
            if batch.contains(where: { $0 != StreamHolder.sign }) { onActivity?() }
            _ = pulse.set()
            var lines = batch[...]
            if greeting == nil, let first = lines.popFirst() {
                limit.cancel()
                guard let received = StreamGreeting(first) else { return .unanswered }
                greeting = received
                fold.follow(received.context)
                if options.isVoiceChat { holder.send(StreamWish(.voiceChat).line) }
                if received.isReady {
                    await announce(received, &fold)
                    start.isOwed = false
                }
                if let outage = received.outage, !received.isReady {
                    let lost = Self.loss(outage, of: holder.process)
                    // A run that ends now does not wait for the next try.
                    if let error = outageLimit.verdict(on: lost, at: clock.uptime()) { throw error }
                    let record = StreamRecord(.lifecycle(lost), connection: 0, time: clock.now())
                    await outlet.receiver.receive(outlet.put(record, &fold))
                }
            }
            var events: [StreamEvent] = []
            for line in lines {
                guard let record = try? StreamRecord(line) else { continue }
                if case .lifecycle(let lifecycle) = record.delivery,
                    let error = outageLimit.verdict(on: lifecycle, at: clock.uptime())
                {
                    await outlet.receiver.receive(events)
                    throw error
                }
                for record in resync.completed(record).flatMap({ start.completed($0) }) {
                    events += outlet.put(record, &fold)
                }
            }
            if !events.isEmpty { await outlet.receiver.receive(events) }
        }
        guard let greeting else { return isLate.isSet ? .unanswered : .notGreeted }
        return .holderGone(context: greeting.context)
    }

    private static func loss(_ outage: StreamGreeting.Outage, of process: Int32?) -> StreamLifecycle {
        let holder = process.map { "process \($0)" } ?? "another process"
        return .lost(
            reason: "\(holder), which holds the push connection of this profile, has lost it: \(outage.reason)",
            retryAfter: outage.retryAfter)
    }

    /// For this run the stream begins here.
    private func announce(_ greeting: StreamGreeting, _ fold: inout StreamFold) async {
        for lifecycle in [StreamLifecycle.connected, .ready] {
            let record = StreamRecord(.lifecycle(lifecycle), connection: greeting.connection, time: clock.now())
            await outlet.receiver.receive(outlet.put(record, &fold))
        }
    }
}

/// Sees to it that a run that said it lost the stream says so once it knows again what holds: what the holder has found out
/// makes up for what this run has missed, whether or not the holder missed anything itself.
private struct OwedResync {
    private var isOwed: Bool
    private var wasToldByUs = false

    init(isOwed: Bool) {
        self.isOwed = isOwed
    }

    /// The record with what this run is to take before or after it; nothing, where it has been told already.
    mutating func completed(_ record: StreamRecord) -> [StreamRecord] {
        let hadBeenTold = wasToldByUs
        wasToldByUs = false
        switch record.delivery {
        case .lifecycle(.lost): isOwed = false  // the holder will say when it is over
        case .lifecycle(.resynced(let rejoined)):
            isOwed = false
            if hadBeenTold, rejoined.isEmpty { return [] }
        case .snapshot(let snapshot) where snapshot.isWhole && isOwed:
            isOwed = false
            wasToldByUs = true
            let resynced = StreamDelivery.lifecycle(.resynced(rejoined: []))
            return [record, StreamRecord(resynced, connection: record.connection, time: record.time)]
        default: break
        }
        return [record]
    }
}

/// Adds the `connected` that a run has not seen because it joined between the holder's `connected` and `ready`.
private struct OwedConnected {
    var isOwed = true

    mutating func completed(_ record: StreamRecord) -> [StreamRecord] {
        switch record.delivery {
        case .lifecycle(.connected), .lifecycle(.lost): isOwed = false
        case .lifecycle(.ready) where isOwed:
            isOwed = false
            let connected = StreamDelivery.lifecycle(.connected)
            return [StreamRecord(connected, connection: record.connection, time: record.time), record]
        default: break
        }
        return [record]
    }
}

/// Decides when a run gives up on a stream that another process reconnects.
private struct OutageLimit {
    private let options: PartyFeed.Options
    private var tries = 0
    private var lostAt: Duration?

    init(_ options: PartyFeed.Options) {
        self.options = options
    }

    mutating func verdict(on lifecycle: StreamLifecycle, at now: Duration) -> PartyError? {
        switch lifecycle {
        case .ready:
            tries = 0
            lostAt = nil
        case .lost(let reason, _):
            lostAt = lostAt ?? now
            if !options.reconnects { return failure("the push stream was lost: \(reason)") }
        case .retrying(let reason, _, _):
            tries += 1
            let isOver = lostAt.flatMap { lostAt in options.maximumOutage.map { now - lostAt >= $0 } } ?? false
            if isOver || options.maximumTries.map({ tries >= $0 }) ?? false { return failure(reason) }
        default: break
        }
        return nil
    }

    private func failure(_ message: String) -> PartyError {
        PartyError(.unreachable, message, step: "push")
    }
}
