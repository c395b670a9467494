import PartyTestSupport
import Testing

@testable import PartyCore

/// When a comparison starts, and what happens to the events that wait for it.
struct StreamMachineTests {
    /// A machine whose stream is ready and compared.
    private struct Stage {
        var machine = StreamMachine(fold: StreamFold(), context: ContextID("own"))
        var now: Duration = .zero
        var told: [StreamEvent] = []
        var asked: [Int] = []
        var faults: [MachineFault] = []

        static let party = PartySession(
            id: partyID, members: [Member(accountID: alice, platform: .mobileApp, joinOrder: 1)])

        init(defersFirstComparison: Bool = false) {
            machine.defersFirstComparison = defersFirstComparison
            lifecycle(.connected)
            lifecycle(.ready)
            answer()
            told = []
        }

        mutating func handle(_ input: StreamMachine.Input) {
            for action in machine.handle(input, at: now, time: Timestamp(milliseconds: now.inMilliseconds)) {
                switch action {
                case .deliver(_, let events, _): told += events
                case .compare(let number, _, _): asked.append(number)
                case .reportFault(let fault): faults.append(fault)
                case .cancelComparison, .note: break
                }
            }
        }

        mutating func lifecycle(_ lifecycle: StreamLifecycle) {
            handle(.arrived(StreamRecord(.lifecycle(lifecycle), connection: 1, time: Timestamp(milliseconds: 0))))
        }

        mutating func frame(_ subject: String, _ data: String = #"{"sessionId":"\#(partyID.text)"}"#) {
            let text =
                #"{"method":3001,"dataType":"psn:sessionManager:sys:\#(subject)","body":{"data":\#(data)}}"#
            handle(.arrived(StreamRecord(.frames([Array(text.utf8)]), connection: 1, time: Timestamp(milliseconds: 0))))
        }

        mutating func answer(_ parties: [PartySession] = [Stage.party]) {
            guard let number = asked.last else { return }
            let snapshot = StreamSnapshot(
                parties.map { .init(id: $0.id, party: $0) }, isWhole: true, account: alice, invitations: [])
            handle(.compared(.success(PartyComparison.Outcome(snapshot: snapshot)), number: number))
        }

        /// Advances the clock, with a frame every 5 s, and answers each comparison.
        mutating func pass(_ time: Duration, _ event: (inout Stage) -> Void) {
            let end = now + time
            while now < end {
                event(&self)
                let next = now + .seconds(5)
                while let deadline = machine.deadline, deadline <= next {
                    now = max(now, deadline)
                    let before = asked.count
                    handle(.ticked)
                    guard asked.count > before else { break }
                    answer()
                }
                now = next
            }
        }
    }

    @Test func `a run that defers its first comparison compares for a second process, or by the audit`() {
        var stage = Stage(defersFirstComparison: true)
        #expect(stage.asked == [] && !stage.machine.isInSync)
        #expect(stage.machine.deadline == .seconds(600))
        stage.handle(.joined)
        #expect(stage.asked == [1])
        stage.answer()
        #expect(stage.machine.isInSync)
        stage.handle(.joined)
        #expect(stage.asked == [1])

        var other = Stage(defersFirstComparison: true)
        other.handle(.joined)
        #expect(other.asked == [1])
        other.answer()
        // A later connection is compared at once.
        other.lifecycle(.lost(reason: "x", retryAfter: .zero))
        other.lifecycle(.connected)
        other.lifecycle(.ready)
        #expect(other.asked == [1, 2])
    }

    @Test func `an update without its value leads to one look-up after a moment`() {
        var stage = Stage()
        stage.frame("v2:ps:sessionName:updated")
        stage.frame("v2:ps:sessionName:updated")
        #expect(stage.machine.deadline == .seconds(1))
        stage.now = .seconds(1)
        stage.handle(.ticked)
        #expect(stage.asked.count == 2)
        var renamed = Stage.party
        renamed.name = "renamed"
        stage.answer([renamed])
        #expect(stage.told.suffix(2).first?.party?.changes == [.name("renamed")])
        #expect(stage.told.last?.content == .lifecycle(.resynced(rejoined: [])))
        stage.now = .seconds(2)
        stage.handle(.ticked)
        #expect(stage.asked.count == 2)
    }

    @Test func `events of a party that is not ours lead to one look-up`() {
        var stage = Stage()
        stage.pass(.seconds(500)) { $0.frame("v2:ps:maxMembers:updated", #"{"sessionId":"T","maxMembers":3}"#) }
        #expect(stage.asked.count == 2)
    }

    @Test func `a copy for outsiders leads to no look-up`() {
        var stage = Stage()
        stage.pass(.seconds(500)) { stage in
            stage.frame("outside:v2:ps:visibilityType:updated", #"{"sessionId":"T"}"#)
            stage.frame("outside:v2:partySession:deleted", #"{"sessionId":"U"}"#)
        }
        #expect(stage.asked.count == 1)
    }

    @Test func `a busy party does not use up the budget of requests`() {
        for subject in ["v2:ps:sessionName:updated", "v2:ps:members:deleted"] {
            var stage = Stage()
            var number = 0
            stage.pass(.seconds(900)) { stage in
                number += 1
                // A new party each time, so that each is an event.
                stage.frame(subject, #"{"sessionId":"\#(number)"}"#)
                stage.frame(subject)
            }
            // Three requests each, of 300 in a quarter of an hour.
            #expect(stage.asked.count > 10 && stage.asked.count < 25, "\(stage.asked.count)")
        }
    }

    @Test func `waiting events are delivered when the stream ends without a response`() {
        var stage = Stage()
        stage.lifecycle(.lost(reason: "cut", retryAfter: .zero))
        stage.lifecycle(.connected)
        stage.lifecycle(.ready)
        stage.told = []
        stage.frame("v2:ps:customMessage:created")
        stage.frame("v2:ps:customMessage:created")
        #expect(stage.told.isEmpty)
        stage.handle(.ended)
        #expect(stage.told.map(\.party?.kind) == [.messageReceived, .messageReceived])
    }

    @Test func `a new follower learns of a loss, with the remaining wait`() {
        var stage = Stage()
        #expect(stage.machine.outage(at: stage.now) == nil)
        stage.lifecycle(.lost(reason: "cut", retryAfter: .seconds(5)))
        stage.now = .seconds(2)
        #expect(stage.machine.outage(at: stage.now) == .init(reason: "cut", retryAfter: .seconds(3)))
        stage.lifecycle(.retrying(reason: "refused", retryAfter: .seconds(9), isAdvised: true))
        stage.now = .seconds(60)
        #expect(stage.machine.outage(at: stage.now) == .init(reason: "refused", retryAfter: .zero))
        stage.lifecycle(.connected)
        #expect(stage.machine.outage(at: stage.now) == nil)
    }

    @Test func `an input that a state does not accept is a fault`() {
        var stage = Stage()
        stage.told = []
        let outcome = PartyComparison.Outcome(snapshot: StreamSnapshot())
        stage.handle(.lookedUp(outcome))
        stage.handle(.compared(.success(outcome), number: 2))
        stage.handle(.compared(.success(outcome), number: 0))
        #expect(stage.told.isEmpty)
        stage.lifecycle(.ready)
        stage.lifecycle(.connected)
        stage.lifecycle(.retrying(reason: "x", retryAfter: .zero, isAdvised: false))
        #expect(stage.faults.map(\.input) == ["lookedUp", "compared", "compared", "ready", "connected", "retrying"])
        #expect(stage.faults.allSatisfy { $0.state == "ready" })
        // Events of the stream are still delivered.
        #expect(stage.told.count == 3)
        #expect(stage.machine.isReady && stage.machine.isInSync)
        stage.handle(.ended)
        stage.faults = []
        for input in [StreamMachine.Input.ticked, .joined, .ended] { stage.handle(input) }
        #expect(stage.faults.map(\.input) == ["ticked", "joined", "ended"])
        #expect(stage.faults.allSatisfy { $0.state == "over" })
    }

    @Test func `a late response to a cancelled look-up is ignored`() {
        var stage = Stage()
        stage.lifecycle(.lost(reason: "cut", retryAfter: .zero))
        stage.lifecycle(.connected)
        stage.lifecycle(.ready)
        #expect(stage.asked == [1, 2])
        stage.lifecycle(.lost(reason: "cut", retryAfter: .zero))
        stage.told = []
        stage.answer()
        stage.handle(.ticked)
        stage.lifecycle(.connected)
        stage.lifecycle(.ready)
        stage.handle(
            .compared(.success(PartyComparison.Outcome(snapshot: StreamSnapshot())), number: 2))
        #expect(stage.told.map(\.content) == [.lifecycle(.connected), .lifecycle(.ready)])
        #expect(stage.faults.isEmpty && !stage.machine.isInSync)
    }

    @Test func `when too many events wait they are delivered, and the look-up is repeated`() {
        var stage = Stage()
        stage.lifecycle(.lost(reason: "cut", retryAfter: .zero))
        stage.lifecycle(.connected)
        stage.lifecycle(.ready)
        stage.told = []
        let text = String(repeating: "x", count: 1 << 20)
        for _ in 0..<8 { stage.frame("other", #"{"text":"\#(text)"}"#) }
        #expect(stage.told.count == 8)
        stage.frame("other", "{}")
        #expect(stage.told.count == 9)
        stage.answer()
        #expect(stage.machine.isInSync)
        #expect(stage.machine.deadline == .seconds(10))
        stage.now = .seconds(10)
        stage.handle(.ticked)
        #expect(stage.asked.count == 3)
    }
}
