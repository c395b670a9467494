import PartyCore
import Testing

/// The frames of the client and their answers (docs/protocol.md, 7.3).
struct PushMachineKeepAliveTests {
    private static let quick = KeepAlive(pingInterval: .seconds(10), answerTimeout: .seconds(10))

    private static func ready(_ dialect: PushDialect = .current) throws -> PushBench {
        var bench = PushBench()
        bench.connect(try PushSample.address(dialect))
        return bench
    }

    @Test func `a voice chat opens with the idle type and sends its type when the stream is ready`() throws {
        var bench = PushBench { $0.keepAliveType = .voiceChat }
        #expect(bench(.started(advised: nil)) == [.lookUp(.idle)])
        _ = bench(.addressFound(try PushSample.address()))
        #expect(bench(.opened(renewIn: nil)) == [.report(.connected), .sendStatus, .ping])
        #expect(bench(.arrived) == [.report(.ready), .sendKeepAliveType(.voiceChat)])
        #expect(bench(.arrived) == [])
        #expect(bench(.stopAsked) == [.sendKeepAliveType(.idle)])
    }

    @Test func `a listener sends no type, also not at its end`() throws {
        var bench = try Self.ready()
        #expect(bench(.stopAsked) == [])
    }

    @Test func `a voice chat of another process begins and ends on the open socket`() throws {
        var bench = try Self.ready()
        #expect(bench(.keepAliveTypeWanted(.voiceChat)) == [.sendKeepAliveType(.voiceChat)])
        #expect(bench(.keepAliveTypeWanted(.voiceChat)) == [])
        #expect(bench(.keepAliveTypeWanted(.idle)) == [.sendKeepAliveType(.idle)])
        #expect(bench(.keepAliveTypeWanted(.idle)) == [])
    }

    @Test func `version 2.1 has no such frame`() throws {
        var bench = try Self.ready(.older)
        #expect(bench(.keepAliveTypeWanted(.voiceChat)) == [])
        #expect(bench(.keepAliveTypeWanted(.idle)) == [])
        var voice = PushBench { $0.keepAliveType = .voiceChat }
        _ = voice(.started(advised: nil))
        _ = voice(.addressFound(try PushSample.address(.older)))
        _ = voice(.opened(renewIn: nil))
        #expect(voice(.arrived) == [.report(.ready)])
        #expect(voice(.stopAsked) == [])
    }

    @Test func `after a loss in a voice chat look-up and socket use its type`() throws {
        var bench = try Self.ready()
        _ = bench(.keepAliveTypeWanted(.voiceChat))
        _ = bench(.closed(PushSample.broken))
        #expect(bench.tickAtDeadline() == [.lookUp(.voiceChat)])
        _ = bench(.addressFound(try PushSample.address(.current(.voiceChat))))
        _ = bench(.opened(renewIn: nil))
        #expect(bench(.arrived) == [.report(.ready)])
        // The chat ends while there is no stream.
        _ = bench(.closed(PushSample.broken))
        #expect(bench(.keepAliveTypeWanted(.idle)) == [])
        #expect(bench.tickAtDeadline() == [.lookUp(.idle)])
    }

    @Test func `a type that changes before readiness is sent at readiness`() throws {
        var bench = PushBench()
        _ = bench(.started(advised: nil))
        #expect(bench(.keepAliveTypeWanted(.voiceChat)) == [])
        _ = bench(.addressFound(try PushSample.address()))
        _ = bench(.opened(renewIn: nil))
        #expect(bench(.keepAliveTypeWanted(.voiceChat)) == [])
        #expect(bench(.arrived) == [.report(.ready), .sendKeepAliveType(.voiceChat)])
    }

    @Test func `a process that takes over a voice chat looks up with its type`() throws {
        var bench = PushBench {
            $0.hasStood = true
            $0.keepAliveType = .voiceChat
        }
        #expect(bench(.started(advised: nil)) == [.lookUp(.voiceChat)])
    }

    @Test func `the intervals of the answer apply from then on`() throws {
        var bench = try Self.ready()
        let opened = bench.now
        bench.now += .seconds(2)
        #expect(bench(.answered(PushAnswer(.keepAliveType, keepAlive: Self.quick))) == [])
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.now == opened + .seconds(10))
        _ = bench(.arrived)
        #expect(bench.tickAtDeadline() == [.ping])
        #expect(bench.now == opened + .seconds(20))
    }

    @Test func `the presence timeout of the answer applies from then on`() throws {
        let address = try PushSample.address()
        var bench = try Self.ready()
        let figures = KeepAlive(
            pingInterval: .seconds(30), answerTimeout: .seconds(10), presenceTimeout: .seconds(90))
        _ = bench(.answered(PushAnswer(.keepAliveType, keepAlive: figures)))
        _ = bench(.closed(PushSample.broken))
        _ = bench.tickAtDeadline()
        bench.now += .seconds(89)
        #expect(bench(.addressFound(address)) == [.open(address, isReconnection: true)])
    }

    @Test func `a refusal is reported once, and the stream goes on`() throws {
        var bench = try Self.ready()
        let deadline = bench.machine.deadline
        let status = PushAnswer(.status, returnCode: 5)
        let type = PushAnswer(.keepAliveType, returnCode: 6, keepAlive: Self.quick)
        for answer in [status, type] {
            guard case .notify(let words)? = bench(.answered(answer)).first else {
                Issue.record("not told")
                return
            }
            #expect(words.contains("return code \(answer.returnCode)"))
        }
        for code in Int64(1)...50 {
            #expect(bench(.answered(PushAnswer(.status, returnCode: code))) == [])
            #expect(bench(.answered(type)) == [])
        }
        #expect(bench.machine.deadline == deadline)
        // A new connection is refused again, which is not reported again.
        _ = bench(.closed(PushSample.broken))
        bench.connect(try PushSample.address())
        #expect(bench(.answered(status)) == [])
    }

    @Test func `a stop before the socket is open sends nothing`() throws {
        var bench = PushBench { $0.keepAliveType = .voiceChat }
        #expect(bench(.stopAsked) == [])
        _ = bench(.started(advised: nil))
        #expect(bench(.stopAsked) == [])
        #expect(bench.machine.deadline == nil)
    }
}
