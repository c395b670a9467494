import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The built program with a reader that is slow, stuck or gone, and with a recorder that is killed.
    struct SlowReaderTests {
        /// A pipe that the test reads on demand.
        private func fifo(_ lab: Lab) throws -> (path: String, descriptor: Int32) {
            let path = lab.scratch("fifo")
            try #require(unsafe mkfifo(path, 0o600) == 0)
            // Also for writing, so that opening does not block.
            let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
            try #require(descriptor >= 0)
            return (path, descriptor)
        }

        private func memory(of pid: pid_t) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
            return Int(line.filter(\.isNumber)) ?? 0
        }

        @Test func `lines for a slow reader wait in an unnamed file and arrive in order`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let fifo = try fifo(lab)
                defer { close(fifo.descriptor) }
                let count = 20_000
                let listen = try lab.start(["listen", "--count", "\(count)"], output: .file(fifo.path))
                try await lab.push(#"{"burst":{"count":\#(count),"size":1000}}"#)
                try await eventually(.seconds(60), "a file that waits") {
                    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(listen.pid)/fd"))?.contains { name in
                        let target = try? FileManager.default.destinationOfSymbolicLink(
                            atPath: "/proc/\(listen.pid)/fd/\(name)")
                        // The kernel shows a file that was never linked as `#` and its inode number.
                        let isNameless = target?.contains("/#") == true || target?.contains(".spill.") == true
                        return isNameless && target?.hasSuffix("(deleted)") == true
                    } ?? false
                }
                // The stream goes on although nothing has been read: all has come, and the connection is closed.
                try await eventually(.seconds(60), "the end of the stream") { try await lab.closeCodes() == [1000] }
                #expect(try memory(of: listen.pid) < 120_000)
                let reader = try lab.start(program: ["head", "-n", "\(count)", fifo.path])
                let read = try await reader.end(within: .seconds(60))
                let lines = read.stdout.split(separator: "\n")
                #expect(lines.count == count)
                for (index, line) in lines.enumerated() {
                    try #require(line.hasPrefix("{\"seq\":\(index + 1),") && line.hasSuffix("}"))
                }
                #expect(try await listen.end().status == 0)
                #expect(try lab.scratch.permissions().keys.allSatisfy { !$0.contains(".spill.") })
            }
        }

        @Test func `the memory of lines that waited is given back once they are read`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let fifo = try fifo(lab)
                defer { close(fifo.descriptor) }
                let listen = try lab.start(["listen"], output: .file(fifo.path))
                try await lab.listening()
                let (count, before) = (20_000, try memory(of: listen.pid))
                var used: [Int] = []
                for _ in 1...3 {
                    try await lab.push(#"{"burst":{"count":\#(count),"size":1000}}"#)
                    try await eventually(.seconds(60), "lines that wait") {
                        try memory(of: listen.pid) > before + 6_000
                    }
                    let reader = try lab.start(program: ["head", "-n", "\(count)", fifo.path])
                    _ = try await reader.end(within: .seconds(60))
                    used.append(try memory(of: listen.pid))
                }
                // Kilobytes: with glibc's defaults the first backlog left 3,000 and the second 22,000.
                #expect(used[2] - before < 10_000, "\(before) \(used)")
                listen.signal(SIGTERM)
                _ = try await listen.end()
            }
        }

        @Test func `an unread standard error delays no event of this or another process`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let fifo = try fifo(lab)
                defer { close(fifo.descriptor) }
                let count = 500
                let words = "exec \"$0\" listen -vv --count \(count) 2>\"$1\""
                let talker = try lab.start(program: ["/bin/sh", "-c", words, Lab.psparty, fifo.path])
                // After it in the profile's order of holders.
                try await eventually(.seconds(20), "the connection") {
                    try await lab.control("GET", "state")["peakSockets"].int == 1
                }
                let other = try lab.start(["listen", "--snapshot", "--lifecycle", "--count", "\(count + 2)"])
                while let line = try await other.line(), !line.contains("stream.ready") {}
                try await lab.push(#"{"burst":{"count":\#(count),"size":1500}}"#)
                for program in [talker, other] {
                    let result = try await program.end(within: .seconds(20))
                    #expect(result.status == 0)
                    #expect(result.stdout.split(separator: "\n").filter { $0.contains("burst") }.count == count)
                }
            }
        }

        @Test func `a stuck reader is reported and delays neither Ctrl-C nor the time limit`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let fifo = try fifo(lab)
                defer { close(fifo.descriptor) }
                let listen = try lab.start(["listen"], output: .file(fifo.path))
                try await lab.push(#"{"burst":{"count":1000,"size":1000}}"#)
                // Sent after them on the same connection: they have arrived as well.
                try await lab.push(#"{"close":{"code":4001,"reason":"end"}}"#)
                while try await listen.errorLine()?.contains("end") == false {}
                let start = ContinuousClock.now
                listen.signal(SIGINT)
                let interrupted = try await listen.end(within: .seconds(5))
                #expect(.now - start < .seconds(1.5))
                #expect(interrupted.status == 130)
                #expect(interrupted.stderr.contains("lines were not written because the reader did not read them"))

                let timed = try lab.start(["listen", "--timeout", "2s"], output: .file(fifo.path))
                try await lab.push(#"{"burst":{"count":1000,"size":1000}}"#)
                let late = try await timed.end(within: .seconds(20))
                #expect(late.status == 8)
                #expect(late.stderr.contains("--timeout expired, and "))
            }
        }

        @Test func `a killed recorder leaves a readable file, which the next one continues`() async throws {
            // Only what is sent below is counted.
            try await Lab.run(scenario: #"{"clientFramesAnswered":false}"#) { lab in
                try await lab.login()
                let file = lab.scratch("party.gz")
                let listen = try lab.start(["listen", "--record", file])
                for number in 1...3 {
                    try await lab.push(#"{"burst":{"count":50,"size":300}}"#)
                    for _ in 0..<50 { try #require(try await listen.line() != nil, "\(number)") }
                }
                // Flushed soon: others can read it while it grows.
                try await eventually(.seconds(10), "150 frames on the disk") {
                    let zcat = try lab.start(program: ["sh", "-c", "zcat \"$1\" | grep -c '\"frame\":'", "sh", file])
                    return try await zcat.end().stdout == "150\n"
                }
                listen.signal(SIGKILL)
                _ = try await listen.end()
                let replayed = try await lab.psparty("replay", file, "--speed", "max")
                #expect(replayed.status == 0)
                #expect(replayed.stdout.split(separator: "\n").count == 150)

                // Cut in the middle of its last member, as a kill would.
                let bytes = try Data(contentsOf: URL(filePath: file))
                try bytes.dropLast(40).write(to: URL(filePath: file))
                let torn = try await lab.psparty("replay", file, "--speed", "max")
                #expect(torn.status == 0)
                #expect(torn.stderr.contains("ends in the middle of a record"))
                #expect(replayed.stdout.hasPrefix(torn.stdout))
                let again = try await lab.psparty("listen", "--record", file, "--timeout", "1s")
                #expect(again.status == 0)
                #expect(again.stderr.contains("bytes were cut off"))
                let mended = try await lab.psparty("replay", file, "--speed", "max")
                #expect(mended.stderr.isEmpty)
                #expect(mended.stdout.hasPrefix(torn.stdout))
            }
        }
    }
}
