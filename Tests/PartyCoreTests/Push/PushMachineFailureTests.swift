import PartyCore
import Testing

/// When the machine reconnects, and when it gives up.
struct PushMachineFailureTests {
    @Test func `attempts are limited by number`() throws {
        var bench = PushBench { $0.maximumTries = 3 }
        bench.connect(try PushSample.address())
        _ = bench(.closed(PushSample.broken))
        let error = PushSample.failure(.unreachable)
        for _ in 0..<2 {
            _ = bench.tickAtDeadline()
            #expect(bench(.failed(error)).map(\.isRetrying) == [true])
        }
        _ = bench.tickAtDeadline()
        #expect(bench(.failed(error)) == [.fail(error)])
    }

    @Test func `a success resets the count of attempts`() throws {
        var bench = PushBench { $0.maximumTries = 2 }
        bench.connect(try PushSample.address())
        for _ in 0..<5 {
            _ = bench(.closed(PushSample.broken))
            _ = bench.tickAtDeadline()
            #expect(bench(.failed(PushSample.failure(.unreachable))).map(\.isRetrying) == [true])
            bench.connect(try PushSample.address())
        }
    }

    @Test func `attempts are limited by time`() throws {
        var bench = PushBench { $0.maximumOutage = .seconds(10) }
        bench.connect(try PushSample.address())
        _ = bench(.closed(PushSample.broken))
        let lostAt = bench.now
        let error = PushSample.failure(.timeout)
        _ = bench.tickAtDeadline()
        bench.now = lostAt + .milliseconds(9999)
        #expect(bench(.failed(error)).map(\.isRetrying) == [true])
        _ = bench.tickAtDeadline()
        bench.now = lostAt + .seconds(10)
        #expect(bench(.failed(error)) == [.fail(error)])
    }

    @Test func `a refused token is refreshed once, and a second refusal ends the stream`() throws {
        let error = PushSample.failure(.signIn, status: 401)
        var bench = PushBench()
        _ = bench(.started(advised: nil))
        _ = bench(.addressFound(try PushSample.address()))
        #expect(bench(.failed(error)) == [.renewToken])
        #expect(bench.machine.deadline == nil)
        #expect(bench(.tokenRenewed) == [.lookUp(.idle)])
        _ = bench(.addressFound(try PushSample.address()))
        #expect(bench(.failed(error)) == [.fail(error)])
    }

    @Test func `a failed refresh ends the stream, a network failure does not`() throws {
        for (kind, isEnd) in [(.signIn, true), (.unreachable, false)] as [(PartyError.Kind, Bool)] {
            var bench = PushBench()
            bench.connect(try PushSample.address())
            _ = bench(.closed(PushSample.broken))
            _ = bench.tickAtDeadline()
            _ = bench(.addressFound(try PushSample.address()))
            #expect(bench(.failed(PushSample.failure(.signIn, status: 401))) == [.renewToken])
            let error = PushSample.failure(kind, status: kind == .signIn ? 401 : nil)
            let actions = bench(.failed(error))
            #expect(isEnd ? actions == [.fail(error)] : actions.map(\.isRetrying) == [true])
        }
    }

    @Test func `after a ready stream a token may be refreshed again`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        for _ in 0..<3 {
            _ = bench(.closed(PushSample.broken))
            _ = bench.tickAtDeadline()
            _ = bench(.addressFound(try PushSample.address()))
            #expect(bench(.failed(PushSample.failure(.signIn, status: 401))) == [.renewToken])
            #expect(bench(.tokenRenewed) == [.lookUp(.idle)])
            _ = bench(.addressFound(try PushSample.address()))
            _ = bench(.opened(renewIn: nil))
        }
    }

    @Test(arguments: [(0, 120_000), (0.5, 660_000)])
    func `a refusal with advice is retried within the advice, also at first`(_ fraction: Double, _ wait: Int64)
        throws
    {
        let advice = RESTResponse(
            status: 403,
            headers: [HeaderField("X-PSN-RETRY-INTERVAL-MIN", "120"), HeaderField("X-PSN-RETRY-INTERVAL-MAX", "1200")])
        var bench = PushBench()
        _ = bench(.started(advised: nil))
        _ = bench(.addressFound(try PushSample.address()))
        var error = PushSample.failure(.forbidden, status: 403)
        error.advice = RetryAdvice(advice)
        let retrying = StreamLifecycle.retrying(
            reason: "push failed: x", retryAfter: .milliseconds(wait), isAdvised: true)
        let actions = bench(.failed(error), fraction: fraction)
        #expect(actions == [.report(retrying)])
        #expect(bench.machine.deadline == bench.now + .milliseconds(wait))
        #expect(bench.tickAtDeadline() == [.lookUp(.idle)])
    }

    @Test(arguments: PartyError.Kind.allCases)
    func `failures that end a first connection, and those that end a ready stream`(_ kind: PartyError.Kind) throws {
        let error = PushSample.failure(kind)
        var first = PushBench()
        _ = first(.started(advised: nil))
        _ = first(.addressFound(try PushSample.address()))
        let isFinalAtFirst = ![.unreachable, .rateLimited].contains(kind)
        #expect(first(.failed(error)).map(\.isRetrying) == [!isFinalAtFirst])
        var later = PushBench()
        later.connect(try PushSample.address())
        _ = later(.closed(PushSample.broken))
        _ = later.tickAtDeadline()
        let isFinalLater = [
            .signIn, .configuration, .storage, .badData, .usage, .engineFailed, .internalFault, .cancelled,
        ].contains(kind)
        #expect(later(.failed(error)).map(\.isRetrying) == [!isFinalLater])
    }

    @Test func `a first upgrade is tried three times, a first look-up once`() throws {
        let error = PushSample.failure(.unreachable)
        var bench = PushBench()
        _ = bench(.started(advised: nil))
        for attempt in 1...3 {
            _ = bench(.addressFound(try PushSample.address()))
            #expect(bench(.failed(error)).map(\.isRetrying) == [attempt < 3])
            _ = bench.tickAtDeadline()
        }
        var lookUp = PushBench()
        _ = lookUp(.started(advised: nil))
        #expect(lookUp(.failed(error)) == [.fail(error)])
    }

    @Test func `a service that closes each connection at once is abandoned like one that opens none`() throws {
        for edit in [{ $0.maximumTries = 3 }, { $0.maximumOutage = .seconds(5) }]
            as [(inout PushMachine.Policy) -> Void]
        {
            var bench = PushBench(edit)
            bench.connect(try PushSample.address())
            _ = bench(.closed(PushSample.broken))
            var ends: [Bool] = []
            for _ in 0..<3 {
                _ = bench.tickAtDeadline()
                _ = bench(.addressFound(try PushSample.address()))
                _ = bench(.opened(renewIn: nil))
                bench.now += .milliseconds(900)
                ends.append(bench(.closed(PushSample.broken)).contains { $0.isEnd })
            }
            #expect(ends == [false, false, true])
        }
    }

    @Test func `a status frame that is refused is sent with a new token, a limited number of times`() throws {
        var bench = PushBench()
        bench.connect(try PushSample.address())
        let refusal = PushClosure.peer(code: 1008, reason: "auth")
        // After the stream was ready it is a loss like any other.
        _ = bench(.closed(refusal))
        #expect(bench.tickAtDeadline() == [.lookUp(.idle)])
        for attempt in 1...3 {
            _ = bench(.addressFound(try PushSample.address()))
            _ = bench(.opened(renewIn: nil))
            let actions = bench(.closed(refusal))
            guard attempt < 3 else {
                guard case .fail(let error) = actions.last else {
                    Issue.record("\(actions)")
                    return
                }
                #expect(error.kind == .signIn)
                return
            }
            #expect(bench.tickAtDeadline() == [.renewToken])
            #expect(bench(.tokenRenewed) == [.lookUp(.idle)])
        }
    }

    @Test func `a process that takes over keeps trying and reconnects`() throws {
        var bench = PushBench { $0.hasStood = true }
        _ = bench(.started(advised: nil))
        #expect(bench(.failed(PushSample.failure(.unreachable))).map(\.isRetrying) == [true])
        _ = bench.tickAtDeadline()
        let address = try PushSample.address()
        #expect(bench(.addressFound(address)) == [.open(address, isReconnection: true)])
    }

    @Test func `a first connection that is refused is tried twice, and once more where the network fails`() throws {
        for (status, tries) in [(503, 2), (429, 2), (nil, 3)] as [(Int?, Int)] {
            let error = PushSample.failure(status == 429 ? .rateLimited : .unreachable, status: status)
            var bench = PushBench()
            _ = bench(.started(advised: nil))
            for attempt in 1...tries {
                _ = bench(.addressFound(try PushSample.address()))
                #expect(bench(.failed(error)).map(\.isRetrying) == [attempt < tries])
                _ = bench.tickAtDeadline()
            }
        }
    }

    @Test func `Retry-After 0 is no advice`() throws {
        let response = RESTResponse(status: 503, headers: [HeaderField("Retry-After", "0")])
        #expect(RetryAdvice(response) == nil)
    }
}

extension PushMachine.Action {
    fileprivate var isEnd: Bool {
        if case .fail = self { true } else { false }
    }
}
