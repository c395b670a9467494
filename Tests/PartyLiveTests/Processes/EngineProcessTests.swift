import Foundation
import PartyCore
import PartyLive
import PartyTestSupport
import Testing

/// Engines as processes of their own.
@Suite(.timeLimit(.minutes(5))) struct EngineProcessTests {
    private static func start(
        _ script: String, variables: [String: String] = [:], _ edit: (inout EngineLink.Limits) -> Void = { _ in }
    ) throws -> EngineLink {
        var limits = EngineLink.Limits()
        edit(&limits)
        let variables = variables.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        return try EngineLink.start(EngineCommand(["sh", "-c", script], variables: variables), limits: limits)
    }

    private static func all(_ engine: EngineLink) async -> [EngineLink.Output] {
        var seen: [EngineLink.Output] = []
        for await batch in engine.output { seen += batch }
        return seen
    }

    private static func line(_ text: String) -> EngineLink.Output { .line(Array(text.utf8)) }

    @Test func `what is said and told arrives whole, whatever its size, and the end comes last`() async throws {
        let engine = try Self.start("exec cat")
        let long = String(repeating: "x", count: 200_000)
        let lines = ["a", long, "", "é\u{1F600}"]
        for line in lines { #expect(engine.send(Array((line + "\n").utf8))) }
        var seen: [EngineLink.Output] = []
        for await batch in engine.output {
            seen += batch
            if seen.count == lines.count { break }
        }
        #expect(seen == lines.map(Self.line))
        await engine.stop()
    }

    @Test func `the last words of one that ends are heard`() async throws {
        let engine = try Self.start("echo one; echo two; printf three; exit 7")
        #expect(await Self.all(engine) == [Self.line("one"), Self.line("two"), .ended(.exited(status: 7))])
        await engine.stop()
        let killed = try Self.start("kill -TERM $$")
        #expect(await Self.all(killed) == [.ended(.killed(signal: 15))])
    }

    @Test func `it gets its own variables and no signal ignored`() async throws {
        let script =
            "echo $PSPARTY_TEST; sed -n 's/^SigIgn:.*\\(.......\\)$/\\1/p' /proc/self/status; ps -o pgid= -p $$ | tr -d ' '; echo $$"
        let output = await Self.all(try Self.start(script, variables: ["PSPARTY_TEST": "x"]))
        #expect(output.prefix(2) == [Self.line("x"), Self.line("0000000")])
        #expect(output.count == 5 && output[2] == output[3], "a group of its own: \(output)")
    }

    /// Many at once, so that the writing thread is held up at every place where it can be.
    @Test func `one that does not read takes up no more than it may`() async throws {
        let line = [UInt8](repeating: 0x78, count: 9999) + [0x0A]
        try await withThrowingTaskGroup(of: Int.self) { engines in
            for _ in 0..<16 {
                engines.addTask {
                    let engine = try Self.start("exec sleep 60") { $0.waiting = 200_000 }
                    var taken = 0
                    while engine.send(line), taken < 1000 { taken += 1 }
                    await engine.stop()
                    return taken
                }
            }
            // The pipe itself holds 64 KiB.
            for try await taken in engines { #expect((20...28).contains(taken)) }
        }
    }

    @Test func `one that says more than is read has to wait`() async throws {
        let engine = try Self.start("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done; echo end")
        let output = await Self.all(engine)
        #expect(output.count == 3002)
        #expect(output.suffix(2) == [Self.line("end"), .ended(.exited(status: 0))])
    }

    @Test func `a line without end is given up`() async throws {
        let engine = try Self.start("yes | tr -d '\\n'") { $0.line = 10_000 }
        var first: EngineLink.Output?
        for await batch in engine.output {
            first = batch.first
            break
        }
        guard case .lineTooLong(let size)? = first else {
            Issue.record("no such line: \(String(describing: first))")
            return
        }
        #expect(size > 10_000)
        await engine.stop()
    }

    @Test func `at the end of its input it may end by itself; else it is asked, then killed`() async throws {
        let scratch = try ScratchFolder()
        let file = scratch("how")
        for (script, word) in [
            ("cat > /dev/null; echo input > \(file)", "input\n"),
            ("trap 'echo asked > \(file); exit' TERM; while :; do sleep 0.01; done", "asked\n"),
        ] {
            let engine = try Self.start("echo ready; " + script)
            for await _ in engine.output { break }
            await engine.stop()
            #expect(try String(contentsOfFile: file, encoding: .utf8) == word)
        }
        let stubborn = try Self.start("trap '' TERM; echo ready; while :; do sleep 0.01; done")
        for await _ in stubborn.output { break }
        let start = ContinuousClock.now
        await stubborn.stop()
        // Twice 250 ms, however busy the machine, and not for as long as it would go on.
        #expect((.milliseconds(400) ..< .seconds(20)).contains(.now - start))
    }

    @Test func `what cannot be started says so`() {
        #expect {
            _ = try EngineLink.start(EngineCommand(["/nonexistent/x"], variables: [:]))
        } throws: { error in
            (error as? PartyError)?.kind == .notFound
        }
    }
}
