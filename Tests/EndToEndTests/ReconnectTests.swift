import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct ReconnectTests {
        static let losses =
            [1000, 1001, 1008, 1011, 1012, 1013, 1014, 4001, 65535].map {
                #"{"close":{"code":\#($0),"reason":"so"}}"#
            } + [#"{"bytes":"iAA="}"#, #"{"cut":true}"#, #"{"reset":true}"#, #"{"torn":{"method":3001}}"#]

        /// One account for each kind of loss, all at the same time.
        @Test func `listen reconnects after every kind of loss`() async throws {
            try await Lab.run(accounts: Self.losses.count) { lab in
                for index in Self.losses.indices { try await lab.login(index, profile: "p\(index)") }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, loss) in Self.losses.enumerated() {
                        group.addTask { try await comeBack(lab, index, loss) }
                    }
                    try await group.waitForAll()
                }
                let upgrades = try await lab.requests("/np/pushNotification")
                for index in Self.losses.indices {
                    let mine = upgrades.filter { $0["accountId"].string == "\(1_000_000_000_000_000_001 + index)" }
                    let words = mine.map { upgrade in
                        upgrade["headers"].array.first { $0[0].string?.uppercased() == "X-PSN-RECONNECTION" }?[1].string
                    }
                    #expect(words == ["false", "true"], "\(Self.losses[index])")
                }
            }
        }

        private func comeBack(_ lab: Lab, _ index: Int, _ loss: String) async throws {
            let account = "psparty-user-" + String(UnicodeScalar(UInt8(0x61 + index)))
            let listen = try lab.start(["listen", "--profile", "p\(index)"])
            try await lab.push(#"{"burst":{"count":1,"size":300}}"#, to: account)
            try await lab.push(loss, to: account)
            #expect(try await listen.errorLine()?.contains("trying again at once") == true, "\(loss)")
            // The frame arrives only if the client has authenticated the new connection too.
            try await lab.push(#"{"burst":{"count":1,"size":300}}"#, to: account)
            for connection in 1...2 {
                let event = try JSON(try #require(try await listen.line()))
                #expect(event["seq"].int == connection, "\(loss)")
                #expect(event["connection"].int == connection, "\(loss)")
            }
            listen.signal(SIGINT)
            #expect(try await listen.end().status == 130, "\(loss)")
        }

        @Test(arguments: [400, 404]) func `if the look-up of version 3.0 is refused, version 2.1 is used`(
            status: Int
        ) async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.fault(
                    "/np/serveraddr?version=3.0", #"{"kind":"status","status":\#(status)}"#, times: 0)
                let listen = try lab.start(["listen", "--count", "1"])
                try await lab.push(#"{"burst":{"count":1,"size":300}}"#)
                #expect(try await listen.end().status == 0)
                let upgrade = try #require(try await lab.requests("/np/pushNotification").first)
                let headers = upgrade["headers"].array.map { [$0[0].string?.uppercased(), $0[1].string] }
                #expect(headers.contains(["X-PSN-PROTOCOL-VERSION", "2.1"]))
                #expect(headers.contains(["X-PSN-KEEP-ALIVE-STATUS-TYPE", "3"]))
            }
        }

        @Test func `an upgrade refused with 401 refreshes the token once, then asks for a sign-in`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.fault("/np/pushNotification", #"{"kind":"status","status":401}"#)
                let listen = try lab.start(["listen", "--count", "1"])
                try await lab.push(#"{"burst":{"count":1}}"#)
                #expect(try await listen.end().status == 0)
                try await lab.control("POST", "requests/clear")

                try await lab.fault("/np/pushNotification", #"{"kind":"status","status":401}"#, times: 0)
                let refused = try await lab.psparty("listen", "--json")
                #expect(refused.status == 4)
                #expect(refused.stdout.isEmpty)
                let code = try JSON(refused.stderr)["error"]["code"].string
                #expect(code == "sign_in")
                let upgrades = try await lab.requests("/np/pushNotification")
                #expect(upgrades.count == 2)
                let refreshes = try await lab.requests("/oauth/token")
                #expect(refreshes.count == 1)
            }
        }

        @Test func `advice to wait is reported, and a signal ends the wait`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.fault(
                    "/np/pushNotification",
                    #"{"kind":"status","status":403,"headers":{"X-PSN-RETRY-INTERVAL-MIN":"120","X-PSN-RETRY-INTERVAL-MAX":"240"}}"#
                )
                let listen = try lab.start(["listen"])
                let line = try #require(try await listen.errorLine())
                #expect(line.contains("trying again in"))
                let seconds = try #require(line.firstMatch(of: /in (\d+)\.\d s/).flatMap { Int($0.1) })
                #expect((120...240).contains(seconds))
                let startTime = try await lab.startTime()
                let start = ContinuousClock.now
                listen.signal(SIGINT)
                let result = try await listen.end(within: .seconds(5))
                #expect(result.status == 130)
                #expect(.now - start < startTime * 50)
                let upgrades = try await lab.requests("/np/pushNotification")
                #expect(upgrades.count == 1)
            }
        }

        @Test func `a lost stream with --no-reconnect is a failure`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--no-reconnect"])
                try await lab.push(#"{"cut":true}"#)
                let result = try await listen.end()
                #expect(result.status == 7)
                #expect(result.stderr.contains("the push stream was lost"))
            }
        }

        /// The look-up goes to a trusted server, the push socket to an untrusted one.
        @Test(arguments: [false, true]) func `a push server that is not trusted gets no token`(
            isBesideTheFolder: Bool
        ) async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await Lab.run(tls: "other-ca") { other in
                    let ports = [lab.port, other.port]
                    let switchboard = try LoopbackListener.forwarding { ports[min($0, 2) - 1] }
                    defer { switchboard.stop() }
                    let work = try lab.scratch.folder("work")
                    if isBesideTheFolder {
                        let folder = other.caFile.dropLast("ca.pem".count)
                        try await hashCA("\(folder)other.pem", into: try lab.scratch.folder("share"), lab)
                    }
                    let listen = try lab.start(
                        ["listen", "--json"],
                        variables: [
                            "PSPARTY_SERVER": "https://127.0.0.1:\(switchboard.port)",
                            "PSPARTY_ACCESS_TOKEN": try await lab.token(),
                        ], directory: work)
                    let result = try await listen.end()
                    #expect(result.status == 7)
                    #expect(try JSON(result.stderr)["error"]["code"].string == "tls")
                    #expect(switchboard.connections >= 2)
                    let seen = try await other.requests("/")
                    #expect(seen.isEmpty)
                }
            }
        }

        /// Debian's libwebsockets trusts certificates in `../share` by default.
        @Test(arguments: [["create"], ["listen"]])
        func `a certificate authority in ../share is not trusted`(words: [String]) async throws {
            try await Lab.run { lab in
                try await hashCA(lab.caFile, into: try lab.scratch.folder("share"), lab)
                let program = try lab.start(
                    words + ["--json"],
                    variables: ["PSPARTY_CA_FILE": "", "PSPARTY_ACCESS_TOKEN": try await lab.token()],
                    directory: try lab.scratch.folder("work"))
                let result = try await program.end()
                #expect(result.status == 7)
                #expect(try JSON(result.stderr)["error"]["code"].string == "tls")
            }
        }

        private func hashCA(_ file: String, into folder: String, _ lab: Lab) async throws {
            let script = #"cp "$1" "$2/$(openssl x509 -noout -hash -in "$1").0""#
            let copy = try await lab.start(program: ["sh", "-ec", script, "sh", file, folder]).end()
            try #require(copy.status == 0, "\(copy.stderr)")
        }
    }
}
