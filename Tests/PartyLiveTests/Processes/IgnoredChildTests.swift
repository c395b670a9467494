import Foundation
import Glibc
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

/// A program that uses the library and ignores SIGCHLD, so that the system keeps no status of its children. The setting
/// affects a whole process, so the tests run again in a child process.
@Suite(.timeLimit(.minutes(5))) struct IgnoredChildTests {
    private static let variable = "PSPARTY_TEST_IGNORES_CHILDREN"
    private static let isInside = ProcessInfo.processInfo.environment[variable] != nil

    @Test(.enabled(if: !isInside)) func `without a status from the system no exit status is invented`()
        async throws
    {
        var environment = RunningProgram.Environment()
        environment.variables = ["PATH": "/usr/bin:/bin", Self.variable: "1"]
        let script = #"trap '' CHLD; exec "$0" --testing-library swift-testing --filter IgnoredChildTests"#
        let inner = try RunningProgram(["bash", "-c", script, try #require(realPath("/proc/self/exe"))], environment)
        inner.closeInput()
        let result = try await inner.end(within: .seconds(120))
        #expect(result.status == 0, "\(result.stdout) \(result.stderr)")
        #expect((result.stdout + result.stderr).contains("Test run with 3 tests"), "\(result.stdout) \(result.stderr)")
    }

    private func realPath(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    @Test(.enabled(if: isInside)) func `of --exec`() throws {
        for script in ["exit 3", "exit 0", "kill -9 $$"] {
            let scratch = try ScratchFolder()
            try scratch.write("#!/bin/sh\n" + script, to: "program")
            try scratch.setMode("program", to: 0o755)
            let program = try ChildProgram(scratch("program"), variables: [:])
            #expect(program.run(input: [], variables: [:]) == .unknown)
        }
    }

    @Test(.enabled(if: isInside)) func `of an engine`() async throws {
        for script in ["exit 3", "exit 0", "kill -9 $$"] {
            let command = EngineCommand(["sh", "-c", script], variables: ["PATH": "/usr/bin:/bin"])
            let engine = try EngineLink.start(command)
            var seen: [EngineLink.Output] = []
            for await batch in engine.output { seen += batch }
            #expect(seen == [.ended(.unknown)])
            await engine.stop()
        }
    }
}
