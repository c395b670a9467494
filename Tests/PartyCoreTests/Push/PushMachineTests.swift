import PartyCore
import Testing

struct PushMachineTests {
    @Test func `a first connection looks up, opens, sends its status and is ready`() throws {
        let address = try PushSample.address()
        var bench = PushBench()
        #expect(bench.machine.deadline == nil)
        #expect(bench(.started(advised: nil)) == [.lookUp(.idle)])
        #expect(bench.machine.deadline == nil)
        #expect(bench(.addressFound(address)) == [.open(address, isReconnection: false)])
        #expect(bench.machine.deadline == nil)
        #expect(bench(.opened(renewIn: nil)) == [.report(.connected), .sendStatus, .ping])
        #expect(bench.machine.deadline == bench.now + .seconds(2))
        #expect(bench(.arrived) == [.report(.ready)])
        #expect(bench(.arrived) == [])
        #expect(bench.machine.deadline == bench.now + .seconds(30))
    }

    @Test func `without an answer to the first ping the stream is ready a little later, and then lost`() throws {
        var bench = PushBench()
        let start = bench.now
        _ = bench(.started(advised: nil))
        _ = bench(.addressFound(try PushSample.address()))
        _ = bench(.opened(renewIn: nil))
        #expect(bench.tickAtDeadline() == [.report(.ready)])
        #expect(bench.now == start + .seconds(2))
        #expect(bench.tickAtDeadline().first == .abandon)
        #expect(bench.now == start + .seconds(10))
    }

    @Test func `version 2.1 sends no frame`() throws {
        var bench = PushBench()
        _ = bench(.started(advised: nil))
        _ = bench(.addressFound(try PushSample.address(.older)))
        #expect(bench(.opened(renewIn: nil)) == [.report(.connected), .ping])
    }

    @Test func `a ping is sent when it is due, and any byte answers it`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        let start = bench.now
        bench.now = start + .milliseconds(29_999)
        #expect(bench(.ticked) == [])
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.now == start + .seconds(30))
        #expect(bench.machine.deadline == bench.now + .seconds(10))
        bench.now += .seconds(3)
        #expect(bench(.arrived) == [])
        #expect(bench.machine.deadline == start + .seconds(60))
        #expect(bench.tickAtDeadline() == [.ping])
    }

    @Test func `a sign of life matters until the stream is ready, and while a ping waits for its answer`() throws {
        var bench = PushBench()
        #expect(!bench.machine.awaitsArrival)
        _ = bench(.started(advised: nil))
        _ = bench(.addressFound(try PushSample.address()))
        #expect(!bench.machine.awaitsArrival)
        _ = bench(.opened(renewIn: nil))
        #expect(bench.machine.awaitsArrival)
        _ = bench(.arrived)
        #expect(!bench.machine.awaitsArrival)
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.machine.awaitsArrival)
        _ = bench(.arrived)
        #expect(!bench.machine.awaitsArrival)
        _ = bench.tickAtDeadline()
        _ = bench.tickAtDeadline()
        #expect(!bench.machine.awaitsArrival, "lost")
    }

    @Test func `an unanswered ping ends the socket`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        #expect(bench.tickAtDeadline() == [.ping])
        let lost = bench.tickAtDeadline()
        #expect(bench.now == .seconds(1040))
        let reason = "no answer to a ping within 10 s"
        #expect(lost == [.abandon, .report(.lost(reason: reason, retryAfter: .zero))])
        #expect(bench.machine.deadline == bench.now)
    }

    @Test func `a delayed process checks the socket again before it ends it`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        #expect(bench.tickAtDeadline() == [.ping])
        // The machine slept or was busy: bytes that arrived may not have been read yet.
        bench.now += .seconds(3600)
        #expect(bench(.ticked) == [.ping])
        var answered = bench
        #expect(answered(.arrived) == [])
        #expect(answered.machine.deadline == answered.now + .seconds(30))
        #expect(bench.tickAtDeadline().first == .abandon)
        #expect(bench.now == .seconds(1000 + 30 + 3600 + 5))
    }

    @Test func `the pong timeout starts at the first unanswered ping`() throws {
        // The ping interval is shorter than the pong timeout.
        var bench = PushBench()
        bench.connect(try PushSample.address(.current, #""clientKeepAliveInterval":4000"#))
        #expect(bench.tickAtDeadline() == [.ping])
        let first = bench.now
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.tickAtDeadline().first == .abandon)
        #expect(bench.now == first + .seconds(10))
    }

    @Test func `a service that streams but never answers pings is kept`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        for _ in 0..<100 {
            #expect(bench.tickAtDeadline() == [.ping])
            bench.now += .seconds(9)
            #expect(bench(.arrived) == [])
        }
    }

    @Test func `an early tick changes nothing`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        let deadline = try #require(bench.machine.deadline)
        #expect(bench(.ticked) == [])
        #expect(bench.machine.deadline == deadline)
        _ = bench(.closed(PushSample.broken))
        let waiting = try #require(bench.machine.deadline)
        bench.now = waiting - .milliseconds(1)
        #expect(bench(.ticked) == [])
        #expect(bench.machine.deadline == waiting)
        #expect(bench.tickAtDeadline() == [.lookUp(.idle)])
    }

    @Test func `a late tick pings once`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        bench.now += .seconds(300)
        #expect(bench(.ticked) == [.ping])
        #expect(bench(.ticked) == [])
        // The machine slept: a dead socket must be found at once.
        #expect(bench.machine.deadline == bench.now + .seconds(5))
    }

    @Test func `after a loss the next upgrade is tried at once and says that it is a reconnection`() throws {
        let address = try PushSample.address()
        var bench = PushBench()
        bench.connect(address)
        #expect(bench(.closed(PushSample.broken)) == [.report(.lost(reason: "reset", retryAfter: .zero))])
        #expect(bench.tickAtDeadline() == [.lookUp(.idle)])
        #expect(bench(.addressFound(address)) == [.open(address, isReconnection: true)])
        #expect(bench(.opened(renewIn: nil)) == [.report(.connected), .sendStatus, .ping])
    }

    @Test(
        arguments: [
            (.peer(code: nil, reason: ""), "the service closed the connection"),
            (.peer(code: nil, reason: "bye"), "the service closed the connection"),
            (.peer(code: 1001, reason: ""), "the service closed the connection (code 1001)"),
            (.peer(code: 65_535, reason: "bye"), "the service closed the connection (code 65535, bye)"),
            (.local, "closed here"), (PushSample.broken, "reset"),
        ] as [(PushClosure, String)])
    func `a loss has a reason`(_ closure: PushClosure, _ reason: String) throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        #expect(bench(.closed(closure), fraction: 0) == [.report(.lost(reason: reason, retryAfter: .zero))])
    }

    @Test func `without reconnecting the first loss ends the stream`() throws {
        var bench = PushBench { $0.reconnects = false }
        bench.connect(try PushSample.address())
        let end = PartyError(.unreachable, "the push stream was lost: reset", step: "push")
        #expect(bench(.closed(PushSample.broken)) == [.fail(end)])
        #expect(bench.machine.deadline == nil)
        #expect(bench(.ticked) == [])
    }

    @Test func `waits grow over short connections, and a stable one resets them`() throws {
        func wait(_ actions: [PushMachine.Action]) -> Duration? {
            guard case .report(.lost(_, let wait))? = actions.last else { return nil }
            return wait
        }
        var bench = PushBench()
        var waits: [Duration?] = []
        for lasting in [1, 59, 59, 60, 3] {
            bench.connect(try PushSample.address())
            bench.now += .seconds(lasting)
            waits.append(wait(bench(.closed(PushSample.broken), fraction: 1)))
        }
        #expect(waits == [0, 1, 2, 0, 1].map { .seconds($0) })
    }
}
