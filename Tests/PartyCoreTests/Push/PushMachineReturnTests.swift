import PartyCore
import Testing

/// When the machine reconnects after a loss, and the header that reports it (docs/protocol.md, 7.2 and 7.5).
struct PushMachineReturnTests {
    private static func presence(_ milliseconds: Int) throws -> PushAddress {
        try PushSample.address(.current, #""serverPresenceTimeout":\#(milliseconds)"#)
    }

    /// The reconnect header of an upgrade that long after the loss.
    private func claim(_ bench: PushBench, after wait: Duration, _ address: PushAddress) -> Bool? {
        var bench = bench
        _ = bench.tickAtDeadline()
        bench.now += wait
        guard case .open(_, let isReconnection)? = bench(.addressFound(address)).first else { return nil }
        return isReconnection
    }

    @Test(arguments: [(nil, 30_000), (20_000, 20_000), (180_000, 180_000), (0, 30_000), (30, 30_000), (-1, 30_000)])
    func `an upgrade is a reconnection while the service keeps our membership`(_ announced: Int?, _ held: Int) throws {
        let address = try announced.map { try Self.presence($0) } ?? PushSample.address()
        var bench = PushBench()
        bench.connect(address)
        _ = bench(.closed(PushSample.broken))
        #expect(claim(bench, after: .milliseconds(held - 1), address) == true)
        #expect(claim(bench, after: .milliseconds(held), address) == false)
    }

    @Test func `failed attempts do not move the time of the loss`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        _ = bench(.closed(PushSample.broken))
        let lostAt = bench.now
        for _ in 0..<3 {
            _ = bench.tickAtDeadline()
            _ = bench(.failed(PushSample.failure(.unreachable)))
        }
        bench.now = bench.machine.deadline ?? bench.now
        let address = try PushSample.address()
        let rest = lostAt + .seconds(30) - bench.now
        #expect(claim(bench, after: rest - .milliseconds(1), address) == true)
        #expect(claim(bench, after: rest, address) == false)
    }

    @Test func `a silent socket was lost when its ping was sent`() throws {
        let address = try PushSample.address()
        var bench = PushBench()
        bench.connect(address)
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.tickAtDeadline().first == .abandon)
        #expect(claim(bench, after: .milliseconds(19_999), address) == true)
        #expect(claim(bench, after: .seconds(20), address) == false)
    }

    @Test func `after a sleep the upgrade is not a reconnection`() throws {
        let address = try PushSample.address()
        for isClosedFirst in [true, false] {
            var bench = PushBench()
            bench.connect(address)
            bench.now += .seconds(600)
            if isClosedFirst {
                _ = bench(.closed(PushSample.broken))
            } else {
                #expect(bench(.ticked) == [.ping])
                #expect(bench.tickAtDeadline().first == .abandon)
            }
            #expect(claim(bench, after: .zero, address) == false)
        }
    }

    @Test(arguments: [(0, true), (29, true), (30, false), (3600, false), (-3600, true)])
    func `a process that takes over counts from the loss of the one before`(_ seconds: Int, _ isReconnection: Bool)
        throws
    {
        var bench = PushBench {
            $0.hasStood = true
            $0.lostAgo = .seconds(seconds)
        }
        _ = bench(.started(advised: nil))
        let address = try PushSample.address()
        #expect(bench(.addressFound(address)) == [.open(address, isReconnection: isReconnection)])
    }

    @Test func `after a stream that was never ready the upgrade is no reconnection`() throws {
        let address = try PushSample.address()
        var bench = PushBench()
        _ = bench(.started(advised: .seconds(5)))
        #expect(bench.tickAtDeadline() == [.lookUp(.idle)])
        _ = bench(.addressFound(address))
        _ = bench(.failed(PushSample.failure(.unreachable)))
        #expect(claim(bench, after: .zero, address) == false)
    }

    @Test func `a service that closes each connection at once gets growing waits`() throws {
        var bench = PushBench()
        let start = bench.now
        var waits: [Duration] = []
        for _ in 0..<40 {
            bench.connect(try PushSample.address())
            guard case .report(.lost(_, let wait))? = bench(.closed(PushSample.broken)).last else { continue }
            waits.append(wait)
        }
        #expect(waits.count == 40)
        #expect(Array(waits.prefix(5)) == [0, 500, 1000, 2000, 4000].map { .milliseconds($0) })
        #expect(waits.suffix(30).allSatisfy { $0 == .seconds(30) })
        #expect(bench.now - start > .seconds(900), "no storm")
    }

    @Test func `after a second refusal without advice the waits are minutes`() throws {
        let error = PushSample.failure(.unreachable, status: 503)
        var bench = PushBench()
        bench.connect(try PushSample.address())
        _ = bench(.closed(PushSample.broken))
        var waits: [Duration] = []
        for _ in 0..<7 {
            _ = bench.tickAtDeadline()
            guard case .report(.retrying(_, let wait, false))? = bench(.failed(error)).last else { continue }
            waits.append(wait)
        }
        #expect(waits == [3, 150, 300, 600, 1080, 1200, 1200].map { .seconds($0) })
    }

    @Test func `advice overrides our own waits`() throws {
        var error = PushSample.failure(.forbidden, status: 403)
        let body = Array(#"{"error":{"retryIntervalMin":40,"retryIntervalMax":60}}"#.utf8)
        error.advice = RetryAdvice(RESTResponse(status: 403, body: body))
        var bench = PushBench()
        bench.connect(try PushSample.address())
        _ = bench(.closed(PushSample.broken))
        for _ in 0..<4 {
            _ = bench.tickAtDeadline()
            _ = bench(.failed(PushSample.failure(.unreachable, status: 500)))
        }
        _ = bench.tickAtDeadline()
        let advised = StreamLifecycle.retrying(reason: error.message, retryAfter: .seconds(50), isAdvised: true)
        #expect(bench(.failed(error)) == [.report(advised)])
    }

    @Test func `only a stable connection resets the count of refusals`() throws {
        let error = PushSample.failure(.unreachable, status: 503)
        var bench = PushBench()
        for (lasting, refused) in [(5, 3), (5, 150), (60, 3)] {
            bench.connect(try PushSample.address())
            bench.now += .seconds(lasting)
            _ = bench(.closed(PushSample.broken))
            _ = bench.tickAtDeadline()
            guard case .report(.retrying(_, let wait, _))? = bench(.failed(error), fraction: 0.5).last else { return }
            #expect(wait <= .seconds(refused) && wait > .seconds(refused / 2))
        }
    }
}
