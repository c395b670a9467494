import Dispatch
import PartyTestSupport
import Synchronization
import Testing

@testable import PartyCore
@testable import PartyLive

@Suite(.timeLimit(.minutes(5))) struct LineSpoolTests {
    /// A consumer that reads lines only when the test lets it.
    private final class Taker: Sendable {
        let gate = DispatchSemaphore(value: 0)
        let taken = Mutex<[UInt8]>([])

        func take(_ lines: [UInt8]) {
            gate.wait()
            taken.withLock { $0 += lines }
        }

        func open() { for _ in 0..<100_000 { gate.signal() } }

        var text: [UInt8] { taken.withLock { $0 } }
    }

    private func policy(_ folders: [String], memory: Int = 1000, emergency: Int = 1 << 20) -> LineSpool.SpillPolicy {
        var policy = LineSpool.SpillPolicy(file: { SpillFile(in: folders, random: .live) })
        policy.limits = LineBacklog.Limits(memory: memory, emergency: emergency)
        return policy
    }

    private func numbered(_ range: Range<Int>) -> [UInt8] { range.flatMap { Array("line \($0)\n".utf8) } }

    @Test(arguments: [LineSpool.Options.pieces(of: 64), .oneByOne, .gathered(for: .milliseconds(1))])
    func `more lines than fit in memory are written completely and in order`(options: LineSpool.Options) async throws {
        let scratch = try ScratchFolder()
        let taker = Taker()
        let spool = LineSpool(options, policy([scratch("state")])) { taker.take($0) }
        for number in 0..<5000 { spool.put(numbered(number..<number + 1), count: 1) }
        // Another thread writes the file, perhaps later.
        try await eventually(.seconds(20), "a file") { try scratch.permissions()["state"] != nil }
        taker.open()
        await spool.drained()
        #expect(taker.text == numbered(0..<5000))
        #expect(spool.waiting == 0)
        #expect(spool.failure == nil)
        // The file never had a name.
        #expect(try scratch.permissions() == ["state": 0o700])
    }

    @Test func `a wait for a stuck consumer can be cancelled, and the remaining lines are counted`() async throws {
        let scratch = try ScratchFolder()
        let taker = Taker()
        let spool = LineSpool(.oneByOne, policy([scratch.path])) { taker.take($0) }
        spool.put(numbered(0..<3), count: 3)
        let wait = Task { await spool.drained() }
        wait.cancel()
        await wait.value
        #expect(spool.waiting == 3)
        spool.abandon()
        taker.open()
    }

    @Test func `if the spill file cannot be written the spool ends at once with the reason`() async throws {
        let taker = Taker()
        let isTold = OneShotEvent()
        let spool = LineSpool(.oneByOne, policy(["/proc/nowhere"], memory: 10), onFailure: { isTold.set() }) {
            taker.take($0)
        }
        for number in 0..<10 { spool.put(numbered(number..<number + 1), count: 1) }
        await spool.drained()
        guard case .failed(let error)? = spool.failure else {
            Issue.record("no failure")
            return
        }
        #expect(error.kind == .storage)
        #expect(error.message.hasPrefix("the lines that wait for a slow reader cannot be kept in a file: "))
        #expect(isTold.isSet)
        taker.open()
    }

    @Test func `if the first folder is not writable the second is used`() async throws {
        let scratch = try ScratchFolder()
        let taker = Taker()
        let spool = LineSpool(.oneByOne, policy(["/proc/nowhere", scratch("tmp")], memory: 10)) { taker.take($0) }
        for number in 0..<100 { spool.put(numbered(number..<number + 1), count: 1) }
        taker.open()
        await spool.drained()
        #expect(taker.text == numbered(0..<100))
    }

    @Test func `a consumer that stops reading is reported once`() async throws {
        let scratch = try ScratchFolder()
        let spool = LineSpool(.oneByOne, policy([scratch.path])) { (_) throws(LineSpool.Failure) in throw .takerLeft }
        spool.put(numbered(0..<3), count: 3)
        await spool.drained()
        #expect(spool.failure == .takerLeft)
        spool.put(numbered(3..<4), count: 1)
        await spool.drained()
    }

    @Test func `the file frees its disk space as it is read`() throws {
        let scratch = try ScratchFolder()
        let file = SpillFile(in: [scratch.path], random: .live)
        let block = [UInt8](repeating: 0x61, count: (1 << 20) - 1) + [0x0A]
        for _ in 0..<70 { try file.append(block) }
        var count = 0
        while true {
            let lines = try file.readLines()
            guard !lines.isEmpty else { break }
            count += lines.count
        }
        #expect(count == 70 << 20)
        try file.append([0x62, 0x0A])
        #expect(try file.readLines() == [0x62, 0x0A])
    }
}
