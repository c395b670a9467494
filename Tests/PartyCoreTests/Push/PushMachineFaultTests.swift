import PartyCore
import Testing

/// Each state of the machine accepts certain inputs; any other is reported and changes nothing.
struct PushMachineFaultTests {
    enum State: String, CaseIterable {
        case idle, lookingUp, renewing, opening, open, waiting, ended
    }

    private static let failure = PushSample.failure(.unreachable)
    /// The inputs by their names.
    private static func inputs() throws -> [(String, PushMachine.Input)] {
        [
            ("started", .started(advised: nil)), ("addressFound", .addressFound(try PushSample.address())),
            ("opened", .opened(renewIn: nil)), ("failed", .failed(failure)), ("tokenRenewed", .tokenRenewed),
            ("tokenRefreshed", .tokenRefreshed(renewIn: nil)), ("tokenNotRefreshed", .tokenNotRefreshed(retryIn: nil)),
            ("keepAliveTypeWanted", .keepAliveTypeWanted(.voiceChat)),
            ("answered", .answered(PushAnswer(.status))), ("stopAsked", .stopAsked), ("arrived", .arrived),
            ("closed", .closed(PushSample.broken)), ("ticked", .ticked),
        ]
    }

    private static let always: Set = ["keepAliveTypeWanted", "stopAsked"]
    private static let late: Set = ["ticked", "tokenRefreshed", "tokenNotRefreshed"]

    private static func legal(_ state: State) -> Set<String> {
        switch state {
        case .idle: always.union(["started"])
        case .lookingUp: always.union(late).union(["addressFound", "failed"])
        case .renewing: always.union(late).union(["tokenRenewed", "failed"])
        case .opening: always.union(late).union(["opened", "failed"])
        case .open: always.union(late).union(["arrived", "answered", "closed"])
        case .waiting, .ended: always.union(late)
        }
    }

    private static func bench(_ state: State) throws -> PushBench {
        var bench = PushBench { $0.reconnects = state != .ended }
        if state == .idle { return bench }
        _ = bench(.started(advised: nil))
        if state == .lookingUp { return bench }
        _ = bench(.addressFound(try PushSample.address()))
        if state == .opening { return bench }
        if state == .renewing {
            #expect(bench(.failed(PushSample.failure(.signIn, status: 401))) == [.renewToken])
            return bench
        }
        _ = bench(.opened(renewIn: nil))
        if state == .open { return bench }
        _ = bench(.arrived)
        _ = bench(.closed(PushSample.broken))
        return bench
    }

    @Test(arguments: State.allCases) func `an input that a state does not accept is a fault and changes nothing`(
        state: State
    ) throws {
        for (name, input) in try Self.inputs() {
            var bench = try Self.bench(state)
            let (deadline, awaits) = (bench.machine.deadline, bench.machine.awaitsArrival)
            let actions = bench(input)
            guard !Self.legal(state).contains(name) else {
                #expect(!actions.contains { $0.isFault }, "\(name) in \(state)")
                continue
            }
            guard actions.count == 1, case .reportFault(let fault)? = actions.first else {
                Issue.record("\(name) in \(state): \(actions)")
                continue
            }
            #expect(fault.input == name)
            #expect(fault.state == state.rawValue)
            #expect(bench.machine.deadline == deadline)
            #expect(bench.machine.awaitsArrival == awaits)
        }
    }

    @Test func `a fault names the input and not its values`() throws {
        var bench = PushBench()
        guard case .reportFault(let fault)? = bench(.failed(PushSample.failure(.unreachable))).first else {
            Issue.record("no fault")
            return
        }
        #expect("\(fault)" == "fault: failed in state idle")
    }
}

extension PushMachine.Action {
    fileprivate var isFault: Bool { if case .reportFault = self { true } else { false } }
}
