import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Standard streams in the states that shells set up.
    struct StandardStreamTests {
        @Test(arguments: ["whoami", "token", "create", "listen"])
        func `a full standard output is a failure with its reason`(command: String) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let program = try lab.start([command], output: .file("/dev/full"))
                if command == "listen" { try await lab.push(#"{"burst":{"count":1}}"#) }
                let result = try await program.end()
                #expect(result.status == 70)
                #expect(result.stderr.contains("No space left on device"))
            }
        }

        /// Without precautions the first file or socket that is opened gets the number of standard output.
        @Test(arguments: ["whoami", "token", "create", "listen"], ["", "<&-", "<&- 2>&-"])
        func `a closed standard output is a failure, and no other file gets the output`(
            command: String, others: String
        ) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let before = try lab.tokenBytes()
                let script = #"exec "$1" "$2" >&- \#(others)"#
                let program = try lab.start(program: ["sh", "-c", script, "sh", Lab.psparty, command])
                if command == "listen" { try await lab.push(#"{"burst":{"count":1}}"#) }
                let result = try await program.end()
                #expect(result.status == 70)
                let reason = "psparty: cannot write to standard output: Bad file descriptor"
                let hasDeed = command == "create"
                if others.contains("2") {
                    #expect(result.stderr.isEmpty)
                } else if hasDeed {
                    #expect(
                        result.stderr.hasPrefix(reason + "; the party ") && result.stderr.hasSuffix(" was created\n"))
                } else {
                    #expect(result.stderr == reason + "\n")
                }
                #expect(try lab.tokenBytes() == before)
            }
        }

        @Test func `a reader that exits ends the stream with 0`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let script = #""$1" listen | head -n 1; echo "${PIPESTATUS[0]}""#
                let pipeline = try lab.start(program: ["bash", "-c", script, "bash", Lab.psparty])
                try await lab.push(#"{"burst":{"count":1,"size":300}}"#)
                #expect(try await pipeline.line()?.hasPrefix("{\"seq\":1,") == true)
                #expect(try await pipeline.line() == "0")
                let result = try await pipeline.end()
                #expect(result.stderr.isEmpty)
                try await eventually(.seconds(5), "the end of the connection") { try await !lab.closeCodes().isEmpty }
                let codes = try await lab.closeCodes()
                #expect(codes == [1000])
            }
        }

        @Test func `a party id is piped from one command to another`() async throws {
            try await Lab.run { lab in
                try await lab.login(0, profile: "alice")
                try await lab.login(1, profile: "bob")
                let script = #"set -o pipefail; "$1" create --profile alice | "$1" join - --profile bob"#
                let pipeline = try await lab.start(program: ["bash", "-c", script, "bash", Lab.psparty]).end()
                #expect(pipeline.status == 0, "\(pipeline.stderr)")
                let party = try await lab.control("GET", "state")["parties"][0]
                #expect(pipeline.stdout == (party["sessionId"].string ?? "?") + "\n")
                #expect(party["members"].array.count == 2)
            }
        }
    }
}
