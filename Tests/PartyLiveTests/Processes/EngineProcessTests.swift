import Foundation
import PartyCore
import PartyLive
import PartyTestSupport
import Testing

/// Engines as processes.
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

    @Test func `lines of any size arrive complete in both directions, and the end comes last`() async throws {
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

    @Test func `the last lines of an engine that exits are read`() async throws {
        let engine = try Self.start("echo one; echo two; printf three; exit 7")
        #expect(await Self.all(engine) == [Self.line("one"), Self.line("two"), .ended(.exited(status: 7))])
        await engine.stop()
        let killed = try Self.start("kill -TERM $$")
        #expect(await Self.all(killed) == [.ended(.killed(signal: 15))])
    }

    @Test func `an engine gets its own variables, and no signal is ignored`() async throws {
        let script =
            "echo $PSPARTY_TEST; sed -n 's/^SigIgn:.*\\(.......\\)$/\\1/p' /proc/self/status; ps -o pgid= -p $$ | tr -d ' '; echo $$"
        let output = await Self.all(try Self.start(script, variables: ["PSPARTY_TEST": "x"]))
        #expect(output.prefix(2) == [Self.line("x"), Self.line("0000000")])
        #expect(output.count == 5 && output[2] == output[3], "a group of its own: \(output)")
    }

    /// Many engines at once, so that the writing thread has to wait at each of its steps.
    @Test func `an engine that does not read uses limited memory`() async throws {
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

    @Test func `an engine that writes too fast has to wait`() async throws {
        let engine = try Self.start("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done; echo end")
        let output = await Self.all(engine)
        #expect(output.count == 3002)
        #expect(output.suffix(2) == [Self.line("end"), .ended(.exited(status: 0))])
    }

    @Test func `an endless line is abandoned`() async throws {
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

    @Test func `an engine may exit at the end of its input, else it gets SIGTERM, then SIGKILL`() async throws {
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
        // Twice 250 ms also on a busy machine, and less than the engine would run.
        #expect((.milliseconds(400) ..< .seconds(20)).contains(.now - start))
    }

    @Test func `a program that cannot be started is an error`() {
        #expect {
            _ = try EngineLink.start(EngineCommand(["/nonexistent/x"], variables: [:]))
        } throws: { error in
            (error as? PartyError)?.kind == .notFound
        }
    }
}
