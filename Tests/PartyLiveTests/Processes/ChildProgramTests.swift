import Foundation
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

@Suite(.timeLimit(.minutes(5))) struct ChildProgramTests {
    private func program(_ scratch: ScratchFolder, _ text: String) throws -> ChildProgram {
        try scratch.write("#!/bin/sh\n" + text, to: "program")
        try scratch.setMode("program", to: 0o755)
        return try ChildProgram(scratch("program"), variables: ["PATH": "/usr/bin:/bin", "OUT": scratch("out")])
    }

    @Test func `a program gets its input and variables, and no descriptor of ours`() throws {
        let scratch = try ScratchFolder()
        let program = try program(scratch, #"{ cat; echo "$MORE"; ls -l /proc/self/fd; } >"$OUT""#)
        let ours = unsafe open(scratch("ours"), O_RDWR | O_CREAT, 0o600)
        defer { close(ours) }
        #expect(program.run(input: Array("in\n".utf8), variables: ["MORE": "x y"]) == .exited(0))
        let out = try String(contentsOfFile: scratch("out"), encoding: .utf8)
        #expect(out.hasPrefix("in\nx y\n"))
        #expect(out.contains("1 -> " + scratch("out")))
        #expect(!out.contains(scratch("ours")))
    }

    @Test func `the exit status or signal of a program is reported`() throws {
        let scratch = try ScratchFolder()
        #expect(try program(scratch, "exit 3").run(input: [], variables: [:]) == .exited(3))
        #expect(try program(scratch, "kill -9 $$").run(input: [], variables: [:]) == .signalled(9))
        let none = try program(scratch, "")
        try scratch.write("no program", to: "program")
        #expect(none.run(input: [], variables: [:]) == .notStarted("Exec format error"))
    }

    @Test func `a program that does not read a large input delays no caller`() throws {
        let scratch = try ScratchFolder()
        let input = [UInt8](repeating: 0x61, count: 1 << 20)
        #expect(try program(scratch, "exit 0").run(input: input, variables: [:]) == .exited(0))
    }

    @Test(arguments: [false, true]) func `a program that hangs is killed with its child processes`(isDeaf: Bool)
        async throws
    {
        let scratch = try ScratchFolder()
        let text =
            (isDeaf ? "trap '' TERM\n" : "") + "sleep 600 & echo $! >\"$OUT.new\"; mv \"$OUT.new\" \"$OUT\"; wait"
        let program = try program(scratch, text)
        // Not on a thread of the pool, which may have only one.
        async let end = withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: program.run(input: [], variables: [:])) }
        }
        try await eventually(.seconds(20), "the program") { FileManager.default.fileExists(atPath: scratch("out")) }
        program.end(firmly: isDeaf)
        #expect(await end == .stopped)
        let child = try String(contentsOfFile: scratch("out"), encoding: .utf8).dropLast()
        try await eventually(.seconds(20), "the end of its child") {
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            return state.map { $0.contains(") Z ") } ?? true
        }
        #expect(program.run(input: [], variables: [:]) == .stopped)
    }

    @Test func `a missing program is an error before anything is started`() {
        for name in ["no-such-program-1", "/etc/passwd", "/usr"] {
            #expect { try ChildProgram(name, variables: ["PATH": "/usr/bin:/bin"]) } throws: { error in
                (error as? PartyError)?.kind == .notFound
            }
        }
    }
}
