import Dispatch
import PartyTestSupport
import Testing

@testable import psparty

struct ErrorOutputTests {
    private let written = Tape<String>()
    private let clock = ManualClock(isInstant: false)

    private var all: String { written.all.joined() }

    @Test func `lines are written in order, and the end waits for them`() async {
        let errors = ErrorOutput { [written] in written.append($0) }
        await errors.settle(clock.partyClock)
        for number in 1...100 { errors.put("\(number)\n") }
        await errors.settle(clock.partyClock)
        #expect(all == (1...100).map { "\($0)\n" }.joined())
    }

    @Test func `a reader that does not read delays neither the callers nor the end`() async {
        let gate = DispatchSemaphore(value: 0)
        let errors = ErrorOutput { [written] in
            gate.wait()
            written.append($0)
        }
        errors.put("one\n")
        errors.put("two\n")
        async let end: Void = errors.settle(clock.partyClock)
        await clock.sleeper(dueIn: .seconds(2))
        clock.advance(by: .seconds(2))
        await end
        #expect(all.isEmpty)
        for _ in 1...2 { gate.signal() }
        await errors.settle(clock.partyClock)
        #expect(all == "one\ntwo\n")
    }

    @Test func `the end waits for the last lines also after Ctrl-C`() async {
        let gate = DispatchSemaphore(value: 0)
        let errors = ErrorOutput { [written] in
            gate.wait()
            written.append($0)
        }
        errors.put("last words\n")
        let end = Task { await errors.settle(clock.partyClock) }
        end.cancel()
        await clock.sleeper(dueIn: .seconds(2))
        #expect(all.isEmpty)
        gate.signal()
        await end.value
        #expect(all == "last words\n")
    }

    @Test func `lines beyond the limit are dropped and counted`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let begun = Tape<Void>()
        let errors = ErrorOutput { [written] in
            begun.append(())
            gate.wait()
            written.append($0)
        }
        errors.put("first\n")
        _ = try await begun.value(at: 0)
        let line = String(repeating: "x", count: 1023) + "\n"
        let count = ErrorOutput.limit / line.utf8.count
        for _ in 0..<(2 * count) { errors.put(line) }
        for _ in 1...3 { gate.signal() }
        await errors.settle(clock.partyClock)
        let last = try #require(all.split(separator: "\n").last)
        let kept = all.split(separator: "\n").filter { $0.hasPrefix("x") }.count
        #expect(last == "psparty: \(2 * count - kept) messages were dropped because standard error was not read")
        #expect(abs(kept - count) <= 1)
    }
}
