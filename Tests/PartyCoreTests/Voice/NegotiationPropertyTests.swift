import PartyCore
import PartyTestSupport
import Testing

/// In any order of events, each pair of members ends with one offer and its answer, the same on both sides.
struct NegotiationPropertyTests {
    @Test(arguments: [2, 3, 5, 16], [false, true]) func `every pair agrees in the end`(
        members: Int, timePasses: Bool
    ) {
        let rounds = members == 16 ? 10 : 150
        for seed in 1...UInt64(rounds) {
            var party = SimulatedMesh(members: members, seed: seed &* 0x9E37_79B9 &+ UInt64(members))
            party.shuffle(steps: members * members * 12, timePasses: timePasses)
            party.settle()
            #expect(party.disagreements == [], "\(members) members, seed \(seed)")
            #expect(party.violations == [], "\(members) members, seed \(seed)")
            if !party.disagreements.isEmpty { return }
        }
    }
}

/// Members with a negotiation and an engine each, and a network that delivers in any order.
private struct SimulatedMesh {
    private struct Engine {
        var pending: [VoicePeer: String] = [:]
        var agreed: [VoicePeer: [String]] = [:]
        var told: [EngineMessage] = []
        var says: [EngineMessage] = []
        var made = 0
    }

    private struct Letter {
        let to: Int
        let signal: Signal
        let sentAt: Duration
    }

    private var generator: SeededChance
    private let endpoints: [Signal.Endpoint]
    private var negotiations: [Negotiation]
    private var engines: [Engine]
    private var unseen: [(who: Int, whom: Int)] = []
    private var letters: [Letter] = []
    private var now: Duration = .zero
    private var whims: Int
    private(set) var violations: [String] = []

    init(members: Int, seed: UInt64) {
        generator = SeededChance(seed: seed)
        // Every third account is in with two devices.
        var endpoints: [Signal.Endpoint] = []
        for index in 0..<members {
            let isSecondDevice = index % 3 == 2
            let account = 1_000_000_000_000_000_001 + UInt64(isSecondDevice ? index - 1 : index)
            endpoints.append(VoiceSample.endpoint(account, isSecondDevice ? .ps5 : .mobileApp))
        }
        self.endpoints = endpoints
        negotiations = endpoints.map { Negotiation(me: $0) }
        engines = endpoints.map { _ in Engine() }
        whims = members * 2
        for who in 0..<members { unseen += (0..<members).filter { $0 != who }.map { (who, $0) } }
    }

    mutating func shuffle(steps: Int, timePasses: Bool) {
        for _ in 0..<steps {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0 where timePasses: pass(.milliseconds(Int64.random(in: 1...400, using: &generator)))
            case 1: actOnAWhim()
            case 2..<6: seeSomebody()
            default: moveSomething()
            }
        }
    }

    /// Delivers everything, and advances the clock for members who still wait.
    mutating func settle() {
        while !unseen.isEmpty { seeSomebody() }
        for _ in 0..<200 {
            while moveSomething() {}
            guard let deadline = negotiations.compactMap(\.deadline).min() else { return }
            now = max(now, deadline)
            for who in negotiations.indices { take(negotiations[who].handle(.ticked, at: now), of: who) }
        }
        violations.append("it does not come to rest")
    }

    var disagreements: [String] {
        endpoints.indices.flatMap { one in
            endpoints.indices.filter { $0 > one }.compactMap { other in
                let mine = engines[one].agreed[.member(endpoints[other])]
                let theirs = engines[other].agreed[.member(endpoints[one])]
                return mine != nil && mine == theirs ? nil : "\(one): \(mine ?? []), \(other): \(theirs ?? [])"
            }
        }
    }

    private mutating func pass(_ time: Duration) {
        // The network is slow, but within the reorder window.
        while let index = letters.firstIndex(where: { now - $0.sentAt > .seconds(2) }) { deliver(index) }
        now += time
        for who in negotiations.indices { take(negotiations[who].handle(.ticked, at: now), of: who) }
    }

    private mutating func seeSomebody() {
        guard !unseen.isEmpty else { return }
        let (who, whom) = unseen.remove(at: Int.random(in: unseen.indices, using: &generator))
        // A member is in the party before the run or comes later; now and then all are said to be in voice.
        let input: Negotiation.Input =
            Bool.random(using: &generator) ? .memberFound(endpoints[whom]) : .memberJoined(endpoints[whom])
        take(negotiations[who].handle(input, at: now), of: who)
        if Int.random(in: 0..<8, using: &generator) == 0 {
            take(negotiations[who].handle(.allAreInVoice, at: now), of: who)
        }
    }

    /// Makes an engine offer without a request.
    private mutating func actOnAWhim() {
        let who = Int.random(in: endpoints.indices, using: &generator)
        guard whims > 0, let whom = negotiations[who].members.randomElement(using: &generator) else { return }
        guard engines[who].pending[.member(whom)] == nil else { return }
        whims -= 1
        makeOffer(who, .member(whom))
    }

    /// An offer is valid until it is answered or replaced: the engine repeats it on request.
    private mutating func makeOffer(_ who: Int, _ peer: VoicePeer) {
        engines[who].made += 1
        let sdp = engines[who].pending[peer] ?? "offer \(engines[who].made) of \(who)"
        engines[who].pending[peer] = sdp
        engines[who].says.append(.offer(peer, sdp: sdp))
    }

    /// - Returns: whether there was a message to deliver.
    @discardableResult
    private mutating func moveSomething() -> Bool {
        var moves: [(inout SimulatedMesh) -> Void] =
            letters.isEmpty
            ? [] : [{ mesh in mesh.deliver(Int.random(in: mesh.letters.indices, using: &mesh.generator)) }]
        for who in engines.indices {
            if !engines[who].told.isEmpty { moves.append { mesh in mesh.think(who) } }
            if !engines[who].says.isEmpty { moves.append { mesh in mesh.listen(who) } }
        }
        guard let move = moves.randomElement(using: &generator) else { return false }
        move(&self)
        return true
    }

    private mutating func deliver(_ index: Int) {
        let letter = letters.remove(at: index)
        let received = ReceivedSignal(signal: letter.signal, oddities: [])
        take(negotiations[letter.to].handle(.signalArrived(received), at: now), of: letter.to)
    }

    private mutating func listen(_ who: Int) {
        let message = engines[who].says.removeFirst()
        take(negotiations[who].handle(.engineSaid(message), at: now), of: who)
    }

    private mutating func think(_ who: Int) {
        switch engines[who].told.removeFirst() {
        case .wantOffer(let peer): makeOffer(who, peer)
        case .offer(let peer, let sdp):
            engines[who].made += 1
            let answer = "answer \(engines[who].made) of \(who)"
            engines[who].pending[peer] = nil
            engines[who].agreed[peer] = [sdp, answer]
            engines[who].says.append(.answer(peer, sdp: answer))
        case .answer(let peer, let sdp):
            guard let offer = engines[who].pending.removeValue(forKey: peer) else {
                violations.append("\(who) is told an answer of \(peer) without having offered")
                return
            }
            engines[who].agreed[peer] = [offer, sdp]
        case .bye, .hello: violations.append("\(who) is told what did not happen")
        }
    }

    private mutating func take(_ actions: [Negotiation.Action], of who: Int) {
        for action in actions {
            switch action {
            case .tellEngine(let message): engines[who].told.append(message)
            case .send(let signal, let to):
                guard let index = endpoints.firstIndex(of: to), signal.to == to, signal.from == endpoints[who] else {
                    violations.append("\(who) writes to nobody")
                    continue
                }
                letters.append(Letter(to: index, signal: signal, sentAt: now))
                take(negotiations[who].handle(.delivered(signal), at: now), of: who)
            case .reportAgreed, .warn: break
            case .answerBridge, .dropBridge, .renewBridge: violations.append("\(who) has no bridge")
            }
        }
    }
}
