import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// One voice run of the first account, in a party with the others, on a simulated service.
struct VoiceRunStage: Sendable {
    let stage: StreamStage
    let party: PartyID
    let others: [PartyClient]
    let engine: EngineDouble
    let reports = Tape<VoiceRun.Report>()

    /// - Parameter joined: how many of the two others are in the party from the start.
    init(
        joined: Int = 1, _ scenario: Scenario = Scenario(), engine: EngineDouble = EngineDouble()
    ) async throws {
        stage = try await StreamStage(scenario)
        party = try await stage.client.create(NewParty())
        var others: [PartyClient] = []
        for account in 1...2 { others.append(try await stage.world.signedIn(account)) }
        for client in others.prefix(joined) { _ = try await client.join(.id(party), voice: true) }
        self.others = others
        self.engine = engine
    }

    /// Starts it and waits until its stream is ready. With an engine that does not read it never is.
    func start(bridge: Bool = false, deaf: Bool = false) async throws -> Task<PartyError?, Never> {
        let environment = stage.environment { environment in
            environment.settings.voice.linkDelay = .zero
            environment.settings.voice.peerDelay = .zero
        }
        var options = VoiceRun.Options()
        options.usesBridge = bridge
        // The tests of the negotiation and of a crowd look at the pause at the start.
        (options.policy.startPatience, options.policy.startOfferPatience) = (.zero, .seconds(3))
        let client = PartyClient(environment)
        let identity = try await VoiceIdentity(in: party, client)
        let run = VoiceRun(client, identity: identity, engine: engine.link(isDeaf: deaf), options: options) {
            [reports] in
            reports.append($0)
        }
        let task = Task { () async -> PartyError? in
            do throws(PartyError) {
                try await run.run(PartyFeed(environment, PartyFeed.Options()))
                return nil
            } catch { return error }
        }
        if !deaf { await stage.world.pushIsReady(for: 0) }
        return task
    }

    static func device(_ account: UInt64) -> Signal.Endpoint {
        Signal.Endpoint(accountID: AccountID(1_000_000_000_000_000_000 + account), platform: .mobileApp)
    }

    /// Sends a signal of another member to us.
    func signal(_ kind: Signal.Kind, from account: Int, global: Int64 = 1) async throws {
        let signal = Signal(
            from: Self.device(UInt64(account + 1)), to: Self.device(1), kind: kind, sdp: "v=0\r\na=theirs\r\n",
            globalSequence: global, sdpSequence: "1")
        try await SignalChannel(others[account - 1]).send(signal, in: party)
    }

    /// Waits for a line to the engine that starts with that text.
    func told(_ words: String, after index: Int = 0) async throws {
        try await within(.seconds(20), words) { [engine] in
            var index = index
            while let line = try await engine.told.value(at: index) {
                if line.hasPrefix(words) { return }
                index += 1
            }
        }
    }

    func reported(_ isMeant: @escaping @Sendable (VoiceRun.Report) -> Bool) async throws {
        do {
            try await within(.seconds(10), "a report") { [reports] in
                var index = 0
                while let report = try await reports.value(at: index) {
                    if isMeant(report) { return }
                    index += 1
                }
            }
        } catch { throw DeadlinePassed(description: "\(error); reported: \(reports.all)") }
    }

    /// The signals that the service got from us.
    func sent() async throws -> [Signal] {
        try await stage.world.service.requests().filter {
            $0.target.hasSuffix("/customMessage") && $0.accountId == stage.accountID
        }.map { request in
            let payload = try #require(try JSONDocument(request.body).root["payload"]?.string)
            return try SignalPayload.decode(payload).signal
        }
    }

    static func offer(_ peer: String) -> String { #"{"type":"offer","peer":"\#(peer)""# }
    static func wantOffer(_ peer: String) -> String { #"{"type":"want-offer","peer":"\#(peer)""# }
    static func answer(_ peer: String) -> String { #"{"type":"answer","peer":"\#(peer)""# }
    static func bye(_ peer: String) -> String { #"{"type":"bye","peer":"\#(peer)""# }
    static let bob = "1000000000000000002/MOBILE_APP"
    static let cid = "1000000000000000003/MOBILE_APP"
}
