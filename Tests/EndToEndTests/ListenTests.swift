import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct ListenTests {
        @Test(arguments: [false, true]) func `a burst of ten thousand frames is printed completely and in order`(
            isRaw: Bool
        ) async throws {
            // The answer to the status frame is a raw frame as well.
            try await Lab.run(scenario: #"{"clientFramesAnswered":false}"#) { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--count", "10000"] + (isRaw ? ["--raw"] : []))
                try await lab.push(#"{"burst":{"count":10000,"size":400}}"#)
                let result = try await listen.end()
                #expect(result.status == 0)
                #expect(result.stderr.isEmpty)
                let lines = result.stdout.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count == 10_001)
                #expect(lines.last == "")
                for (index, line) in lines.dropLast().enumerated() {
                    if isRaw {
                        #expect(line.utf8.count == 400)
                    } else {
                        // The slow parser checks some lines; the others are compared as text.
                        if index % 100 == 0 { #expect(try JSON(String(line))["seq"].int == index + 1) }
                        #expect(line.hasPrefix("{\"seq\":\(index + 1),\"time\":\"") && line.hasSuffix("}"))
                    }
                    try #require(line.contains("\"number\":\(index + 1) "))
                }
            }
        }

        /// Python's parser decides whether a line is JSON.
        @Test func `every line is valid JSON to another parser`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--lifecycle"])
                try await lab.push(
                    #"[{"invalidUTF8":1},{"invalidJSON":1},{"frame":"[]"},{"frame":""},{"oversize":1100000}]"#)
                try await lab.push(
                    #"{"frame":{"version":"3.0","method":3001,"dataType":"a\u2028\"\\\n","body":{"data":{"n":9007199254740993,"m":18446744073709551615}}}}"#
                )
                try await lab.push(#"{"burst":{"count":20,"size":300}}"#)
                var lines: [String] = []
                while let line = try await listen.line() {
                    lines.append(line)
                    if line.contains("\"number\":20 ") { break }
                }
                listen.signal(SIGTERM)
                _ = try await listen.end()
                let reader = try lab.start(program: [
                    "python3", "-c", "import json,sys\nfor line in sys.stdin: print(json.loads(line)['type'])",
                ])
                reader.write(lines.joined(separator: "\n") + "\n")
                reader.closeInput()
                let read = try await reader.end()
                #expect(read.status == 0, "\(read.stderr)")
                let types = read.stdout.split(separator: "\n")
                #expect(types.prefix(2) == ["stream.connected", "stream.ready"])
                #expect(types.filter { $0 == "frame.invalid" }.count == 5)
                #expect(types.filter { $0 == "other" }.count == 21)
                let exact = lines.first { $0.contains("9007199254740993") }
                #expect(exact?.contains(#""data":{"n":9007199254740993,"m":18446744073709551615}"#) == true)
            }
        }

        @Test func `--count ends with 0, --for with 0, and --for before the count with 8`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let counted = try lab.start(["listen", "--count", "3"])
                try await lab.push(#"{"burst":{"count":10,"size":300}}"#)
                let three = try await counted.end()
                #expect(three.status == 0)
                #expect(three.stdout.split(separator: "\n").count == 3)

                let start = ContinuousClock.now
                let timed = try await lab.psparty("listen", "--timeout", "500ms")
                #expect(timed.status == 0)
                #expect(timed.stdout.isEmpty)
                #expect((.milliseconds(500) ..< .seconds(2)).contains(.now - start))

                let both = try lab.start(["listen", "--count", "3", "--timeout", "3"])
                try await lab.push(#"{"burst":{"count":2,"size":300}}"#)
                let early = try await both.end()
                #expect(early.status == 8)
                #expect(early.stdout.split(separator: "\n").count == 2)
                #expect(early.stderr.contains("2 of 3"))
                let codes = try await lab.closeCodes()
                #expect(codes == [1000, 1000, 1000])
            }
        }

        @Test func `filters of one kind are alternatives, filters of different kinds all apply`() async throws {
            try await Lab.run { lab in
                try await lab.login(0, profile: "alice")
                try await lab.login(1, profile: "bob")
                let id = try await lab.psparty("create", "--profile", "alice").stdout.dropLast()
                let filters: [(words: [String], expected: [String])] = [
                    (
                        ["--type", "member.joined", "--type", "member.left"],
                        ["member.joined", "member.left", "member.left"]
                    ),
                    (
                        ["--type", "member.*", "--from", "psparty-user-B"],
                        ["member.joined", "member.updated", "member.left"]
                    ),
                    (["--party", String(id), "--type", "member.joined"], ["member.joined"]),
                    (["--type", "party.deleted"], ["party.deleted"]),
                    (["--type", "member.joined", "--from", "me"], []),
                ]
                let words = ["listen", "--party", "99999999-2222-4333-8444-555555555555", "--profile", "alice"]
                let unknown = try await lab.start(words).end()
                #expect(unknown.status == 3)
                // With their own tokens the processes do not share a connection, so each one is visible.
                let variables = ["PSPARTY_ACCESS_TOKEN": try await lab.token()]
                let listens = try filters.map { try lab.start(["listen"] + $0.words, variables: variables) }
                try await eventually(.seconds(20), "all push connections") {
                    try await lab.control("GET", "state")["sockets"].array.filter { $0["ready"].bool == true }.count
                        == filters.count
                }
                try await lab.psparty("join", String(id), "--profile", "bob")
                try await lab.psparty("leave", String(id), "--profile", "bob")
                try await lab.psparty("leave", String(id), "--profile", "alice")
                // One connection delivers in order: after this frame, all earlier ones have arrived.
                try await lab.control("POST", "push", #"{"account":"A","push":{"close":{"code":4001,"reason":"end"}}}"#)
                for (listen, filter) in zip(listens, filters) {
                    while try await listen.errorLine()?.contains("end") == false {}
                    listen.signal(SIGINT)
                    let result = try await listen.end()
                    let types = try result.stdout.split(separator: "\n").map { try JSON(String($0))["type"].string }
                    #expect(types == filter.expected, "\(filter.words)")
                }
            }
        }

        @Test func `--lifecycle prints the events of the stream`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--lifecycle"])
                let expected = ["connected", "ready", "lost", "connected", "ready", "resynced"]
                for (index, word) in expected.enumerated() {
                    // Not before `ready` was told: the service counts the connection as ready some time before the client does.
                    if word == "lost", index == 2 { try await lab.push(#"{"close":{"code":1001,"reason":"away"}}"#) }
                    let event = try JSON(try #require(try await listen.line()))
                    #expect(event["type"].string == "stream.\(word)")
                    #expect(event["connection"].int == (index < 3 ? 1 : 2))
                    if word == "lost" { #expect(event["changes"]["reason"].string?.contains("away") == true) }
                }
                listen.signal(SIGINT)
                #expect(try await listen.line()?.contains("stream.stopping") == true)
                #expect(try await listen.end().status == 130)
            }
        }

        @Test func `with --lifecycle the last line of each process is stream.stopped`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listeners = [try PrintingListener(lab), try PrintingListener(lab)]
                for listener in listeners { try await listener.tells("stream.ready") }
                for listener in listeners.reversed() {
                    listener.program.signal(SIGTERM)
                    #expect(try await listener.program.end().status == 143)
                    try await listener.tells("stream.stopping")
                    #expect(listener.types.last == "stream.stopping")
                }
            }
        }

        @Test func `an event at the end of the stream can complete --count`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let full = try await lab.psparty("listen", "--lifecycle", "--count", "3", "--timeout", "1")
                #expect(full.status == 0)
                #expect(full.stdout.split(separator: "\n").count == 3)
                let short = try await lab.psparty("listen", "--lifecycle", "--count", "4", "--timeout", "1")
                #expect(short.status == 8)
                #expect(short.stderr.contains("after 3 of 4 events"))
            }
        }

        @Test func `pongs with a payload and a quiet stream use no processor time`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--count", "2", "--timeout", "20"])
                try await lab.push(#"[{"pong":"payload"},{"pong":"payload"},{"ping":"payload"},{"burst":{"count":1}}]"#)
                #expect(try await listen.line() != nil)
                // The pause is the simulator's: the first of these comes at once, the second after it.
                try await lab.push(#"{"burst":{"count":2,"size":300,"intervalMs":2000,"dataType":"x"}}"#)
                let result = try await listen.end()
                #expect(result.status == 0)
                #expect(result.cpuTime < .seconds(1))
            }
        }

        @Test func `pings at the interval of the service prevent a disconnect`() async throws {
            let scenario =
                #"{"closesSilentPush":true,"keepAlive":{"clientKeepAliveInterval":1000,"serverKeepAliveTimeout":2500}}"#
            try await Lab.run(scenario: scenario) { lab in
                try await lab.login()
                let result = try await lab.psparty("listen", "--lifecycle", "--timeout", "7")
                #expect(result.status == 0)
                #expect(!result.stdout.contains("stream.lost"))
                #expect(result.stdout.contains("stream.ready"))
            }
        }

        @Test func `proxies of the environment carry requests and push alike`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let proxy = try ConnectProxy()
                defer { proxy.stop() }
                let variables = ["HTTPS_PROXY": proxy.address()]
                let listen = try lab.start(["listen", "--count", "1"], variables: variables)
                try await lab.push(#"{"burst":{"count":1}}"#)
                let result = try await listen.end()
                #expect(result.status == 0)
                #expect(proxy.requests.count == 2)
                #expect(proxy.requests.allSatisfy { $0.hasPrefix("CONNECT 127.0.0.1:\(lab.port) HTTP/1.") })
                let around = try await lab.psparty(
                    "create", variables: variables.merging(["NO_PROXY": "127.0.0.1"]) { $1 })
                #expect(around.status == 0)
                #expect(proxy.connections == 2)
            }
        }
    }
}
