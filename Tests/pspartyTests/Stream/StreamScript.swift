import PartySimulator
import PartyTestSupport

@testable import PartyCore
@testable import psparty

/// A random sequence of actions, seen through a push stream that drops, doubles and swaps frames and disconnects. It
/// runs in one task on a manual clock, so that the seed reproduces it.
actor StreamScript {
    let world: TestWorld
    let actors: PartyActors
    let store = MemoryStore()
    let me: String
    var client: PartyClient
    var chance: SeededChance
    var machine: StreamMachine
    var printed = PrintedParties()
    var roster: Roster?
    private(set) var lines: [String] = []
    private var faults: [MachineFault] = []
    var sequence: Int64 = 0
    var ids: [String] = []
    var contexts: [Int: String] = [:]
    var push: SimulatedPush?
    var connection = 0
    var flying: [[UInt8]] = []
    var landed: [[UInt8]] = []
    var question: Int?
    var depth = 0
    var isResting = false
    /// Probabilities, per thousand.
    let drops: Int
    let doubles: Int
    let swaps: Int
    let failures: Int

    init(seed: UInt64) async throws {
        var chance = SeededChance(seed: seed)
        var scenario = Scenario()
        scenario.accounts = 4
        scenario.kickAllowed = true
        scenario.eventsBeforeAnswer = true
        scenario.accessTokenLife = 100_000_000
        scenario.membershipOnReconnect = chance.happens(500) ? .dropped : .kept
        scenario.droppedPartySurvives = chance.happens(500)
        scenario.contextCounting = chance.happens(500) ? .context : .membership
        scenario.createdEventsSwapped = chance.happens(300)
        scenario.fromOmitted = chance.happens(200)
        scenario.unknownFramesEvery = chance.happens(200) ? 3 : 0
        scenario.updatesWithoutValue = chance.happens(200)
        scenario.joinsUntold = chance.happens(100)
        scenario.invitationsPushed = chance.happens(600)
        let isTame = chance.happens(200)
        drops = isTame ? 0 : chance.below(300)
        doubles = isTame ? 0 : chance.below(200)
        swaps = isTame ? 0 : chance.below(300)
        failures = chance.happens(300) ? 100 : 0
        world = TestWorld(scenario, clock: ManualClock(isInstant: true))
        actors = await PartyActors(world.service)
        me = world.service.accounts[0].accountId
        machine = StreamMachine(fold: StreamFold(), context: ContextID(Self.uuid(&chance)))
        client = PartyClient(world.environment(store: store))
        self.chance = chance
        let now = world.clock.partyClock.now()
        try Authenticator(client.environment).save(
            Credentials(
                origin: ServiceOrigin(InProcessTransport.origin), accessToken: Redacted(actors.devices[0].token),
                refreshToken: nil, issuedAt: now,
                expiresAt: now.advanced(by: .seconds(90_000_000)), refreshExpiresAt: nil,
                accountID: AccountID(1_000_000_000_000_000_001), onlineID: nil))
        client = PartyClient(world.environment(store: store, transport: FailingTransport(self, world.transport)))
    }

    /// Runs all steps and waits until the stream is quiet.
    /// - Returns: the differences; `nil` if there are none.
    func differences() async throws -> String? {
        await connect()
        for _ in 0..<(10 + chance.below(30)) { await step() }
        await rest()
        if let fault = faults.first { return "\(fault)" }
        var request = SimulatedRequest(method: "GET", target: "/_sim/state")
        request.headers = []
        guard case .answer(let state) = await world.service.respond(to: request) else { return "no state" }
        let simulated = try PrintedParties.simulated(state.body, me: me)
            .filter { $0.value.members.values.contains { $0.account == me } }
        let told = printed.parties(with: me)
        if told != simulated { return "printed: \(told)\nsimulated: \(simulated)" }
        let (pending, open) = try PrintedParties.invitations(state.body, to: me)
        // An invitation that came late and was never listed stays while its party is visible.
        let extra = printed.invitations.subtracting(pending).subtracting(open)
        guard pending.isSubset(of: printed.invitations), extra.isEmpty else {
            return "printed invitations: \(printed.invitations)\nsimulated: \(pending)"
        }
        let known = Set(machine.fold.state.parties.keys.map(\.text))
        if known != Set(simulated.keys) { return "known: \(known)\nsimulated: \(simulated.keys)" }
        return nil
    }

    // MARK: - The stream

    func connect() async {
        guard push == nil else { return }
        _ = await world.service.respond(
            to: request("/np/serveraddr?version=3.0&keepAliveStatusType=6&fields=keepAliveStatus"))
        guard case .opened(let opened) = await world.service.openPush(request("/np/pushNotification")) else { return }
        let token = actors.devices[0].token
        let signIn =
            #"{"version":"3.0","method":1003,"tranId":"1","accountId":\#(me),"status":"active","#
            + #""auth":{"accessToken":"\#(token)"}}"#
        await opened.received(Array(signIn.utf8))
        push = opened
        connection += 1
        await handle(.arrived(record(.lifecycle(.connected))))
        await handle(.arrived(record(.lifecycle(.ready))))
    }

    func request(_ target: String) -> SimulatedRequest {
        SimulatedRequest(
            method: "GET", target: target,
            headers: [
                ("Authorization", "Bearer \(actors.devices[0].token)"), ("Sec-WebSocket-Protocol", "np-pushpacket"),
                ("X-PSN-PROTOCOL-VERSION", "3.0"), ("X-PSN-KEEP-ALIVE-STATUS-TYPE", "6"), ("X-PSN-APP-TYPE", "x"),
                ("X-PSN-APP-VER", "1"), ("X-PSN-OS-VER", "1"),
                ("X-PSN-RECONNECTION", connection > 0 ? "true" : "false"),
            ])
    }

    func cut() async {
        guard let push else { return await connect() }
        await push.ended()
        self.push = nil
        flying = []
        await handle(.arrived(record(.lifecycle(.lost(reason: "cut", retryAfter: .seconds(1))))))
    }

    /// Puts the frames that the service has sent on their way.
    func collect() async {
        guard let push else { return }
        let mark = SimulatedPushOutput.ping([7])
        guard await world.service.push(mark, to: me) == 1 else { return }
        for await output in push.output {
            if output == mark { return }
            if case .text(let frame) = output { flying.append(frame) }
        }
    }

    /// Delivers one frame: in order, out of order, twice or not at all.
    func land() async {
        if !landed.isEmpty, chance.happens(doubles) {
            await receive(landed[max(0, landed.count - 1 - chance.below(6))])
        }
        guard !flying.isEmpty else { return }
        let place = chance.happens(swaps) ? chance.below(min(4, flying.count)) : 0
        let frame = flying.remove(at: place)
        guard !chance.happens(drops) else { return }
        landed.append(frame)
        await receive(frame)
    }

    func receive(_ frame: [UInt8]) async {
        guard push != nil else { return }
        await handle(.arrived(record(.frames([frame]))))
    }

    func record(_ delivery: StreamDelivery) -> StreamRecord {
        StreamRecord(delivery, connection: connection, time: world.clock.partyClock.now())
    }

    // MARK: - The machine

    func handle(_ input: StreamMachine.Input) async {
        let clock = world.clock.partyClock
        for action in machine.handle(input, at: clock.uptime(), time: clock.now()) {
            switch action {
            case .deliver(_, let events, _):
                for event in events { print(event) }
                showRoster(after: events)
            case .compare(let number, let known, let mayHaveLostMembership):
                await ask(number, known, mayHaveLostMembership)
            case .cancelComparison: question = nil
            case .reportFault(let fault): faults.append(fault)
            case .note: break
            }
        }
    }

    func ask(_ number: Int, _ known: PartyState, _ mayHaveLostMembership: Bool) async {
        question = number
        let comparison = PartyComparison(client: client, known: known, mayHaveLostMembership: mayHaveLostMembership)
        let result: Result<PartyComparison.Outcome, PartyError>
        do throws(PartyError) { result = .success(try await comparison.run()) } catch { result = .failure(error) }
        await collect()
        await handle(.compared(result, number: number))
    }

    /// The steps that happen while the request of a comparison is in flight.
    /// - Returns: whether the request fails.
    func meanwhile() async -> Bool {
        await collect()
        guard depth == 0, !isResting else { return false }
        depth += 1
        if chance.happens(250) { await step() }
        if chance.happens(250) { await land() }
        depth -= 1
        return chance.happens(failures)
    }

    func print(_ event: StreamEvent) {
        switch event.content {
        case .party, .lifecycle: break
        case .duplicate, .unknownFrame: return
        }
        sequence += 1
        var json = JSONWriter()
        EventLine(event: event, sequence: sequence, me: AccountID(me)).write(to: &json)
        let line = Array(json.bytes.dropLast())
        lines.append(String(decoding: line, as: UTF8.self))
        do { try printed.read(line) } catch { lines.append("unreadable: \(error)") }
    }

    static func uuid(_ chance: inout SeededChance) -> String {
        func hex(_ count: Int) -> String {
            String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &chance) ?? "0" })
        }
        return "\(hex(8))-\(hex(4))-4\(hex(3))-8\(hex(3))-\(hex(12))"
    }
}
