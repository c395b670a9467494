/// What a voice run does on the party's bridge, told as news. Voice between members goes without a bridge, so that a
/// failure is told and no more.
struct BridgeWork: Sendable {
    /// What came of it.
    enum News: Sendable, Equatable {
        /// The service was asked who is there, by the way.
        case looked(PartyLook)
        case offered(sdp: String)
        /// The answer got through.
        case answered
        /// It did not, or may not have.
        case unanswered(PartyError)
        /// Our place is gone, or on a bridge that does not count any more.
        case lost(PartyError)
        case failed(PartyError)
    }

    let session: BridgeSession
    let party: PartyID
    let tell: @Sendable (News) async -> Void

    /// Members who lose their bridge find out at the same time: one should come first, whose bridge the others then find.
    private static let longestPause = 3000.0

    func open(from look: PartyLook? = nil) async {
        await attempt { () async throws(PartyError) in
            let offer = try await session.open(party, from: look) { await tell(.looked($0)) }
            await tell(.offered(sdp: offer.sdp))
        }
    }

    func answer(_ sdp: String) async {
        do throws(PartyError) {
            _ = try await session.answer(sdp, in: party)
            await tell(.answered)
        } catch { await tell(.unanswered(error)) }
    }

    /// Has the bridge offer anew, after an answer that may or may not have arrived.
    func renegotiate() async {
        await attempt { () async throws(PartyError) in
            await tell(.offered(sdp: try await session.renegotiate(in: party).sdp))
        }
    }

    /// Looks whether our place is still on the party's bridge, and moves it where it is not.
    func check() async {
        await attempt { () async throws(PartyError) in
            guard let (isThere, look) = try await session.isOnTheBridge(of: party, onLook: { await tell(.looked($0)) }),
                !isThere
            else { return }
            let what = look.bridges.isEmpty ? "was taken down by its maker" : "is another one now"
            await tell(.lost(PartyError(.notFound, "the party's bridge \(what)", step: "bridge")))
            _ = try await session.close(party)
            if look.bridges.isEmpty {
                let environment = session.environment
                await environment.clock.sleep(.milliseconds(Int64(environment.random.fraction() * Self.longestPause)))
                try Task.checkNotCancelled(step: "bridge")
                return await open()
            }
            await open(from: look)
        }
    }

    /// Gives our place back, since the engine wants none.
    func drop() async {
        await attempt { () async throws(PartyError) in _ = try await session.close(party) }
    }

    private func attempt(_ body: () async throws(PartyError) -> Void) async {
        do throws(PartyError) { try await body() } catch {
            if error.kind != .cancelled { await tell(.failed(error)) }
        }
    }
}

/// Pieces of work that are done one after the other.
struct WorkQueue: Sendable {
    private var last: Task<Void, Never>?

    mutating func add(_ body: @escaping @Sendable () async -> Void) {
        let before = last
        last = Task {
            await withTaskCancellationHandler {
                await before?.value
            } onCancel: {
                before?.cancel()
            }
            if !Task.isCancelled { await body() }
        }
    }

    /// Cancels what is under way and drops the rest.
    /// - Returns: what ends when the work under way has.
    func cancel() -> Task<Void, Never>? {
        last?.cancel()
        return last
    }
}
