import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Processes of one profile that share its push connection.
    struct SharingTests {
        /// Sends a frame with that number.
        /// - Returns: whether there was a connection for it.
        private func send(_ lab: Lab, _ number: Int) async throws -> Bool {
            let frame = #"{"method":3001,"dataType":"psn:test:number","body":{"data":{"number":\#(number)}}}"#
            let body = #"{"account":"A","push":{"frame":\#(frame)}}"#
            return try await lab.control("POST", "push", body)["sockets"].int ?? 0 > 0
        }

        private func peak(_ lab: Lab) async throws -> Int? { try await lab.control("GET", "state")["peakSockets"].int }

        @Test(.timeLimit(.minutes(5)))
        func `twenty processes that start and end share one connection, without duplicates`() async throws {
            let given = ProcessInfo.processInfo.environment["PSPARTY_SEED"].flatMap { UInt64($0) }
            let seed = given ?? UInt64.random(in: 1..<100_000)
            var chance = SeededChance(seed: seed)
            let rounds = chance.shuffledRounds(80)
            try await Lab.run { lab in
                try await lab.login()
                var running: [PrintingListener] = []
                var all: [PrintingListener] = []
                var sent: [Int] = []
                for (number, round) in rounds.enumerated() {
                    if running.count < 20, round.starts || running.isEmpty {
                        let listener = try PrintingListener(lab)
                        running.append(listener)
                        all.append(listener)
                    } else if !running.isEmpty, round.ends {
                        let listener = running.remove(at: round.which % running.count)
                        listener.program.signal([SIGINT, SIGTERM, SIGKILL][round.how % 3])
                    }
                    if try await send(lab, number) { sent.append(number) }
                }
                while running.count < 2 {
                    running.append(try PrintingListener(lab))
                    all.append(running[running.count - 1])
                }
                for listener in running { try await listener.tells("stream.ready") }
                try await lab.listening()
                #expect(try await send(lab, rounds.count))
                sent.append(rounds.count)
                for listener in running { try await listener.tells(number: rounds.count) }
                for listener in all { #expect(listener.faults(sent).isEmpty, "seed \(seed)") }
                #expect(try await peak(lab) == 1, "seed \(seed)")
                for listener in running { listener.program.signal(SIGINT) }
                for listener in running { #expect(try await listener.program.end().status == 130, "seed \(seed)") }
            }
        }

        @Test(arguments: [SIGKILL, SIGTERM, SIGINT])
        func `when the holder ends, another process reconnects within a second`(
            signal: Int32
        ) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let first = try PrintingListener(lab)
                try await first.tells("stream.ready")
                let others = try (0..<3).map { _ in try PrintingListener(lab) }
                for other in others { try await other.tells("stream.ready") }
                #expect(try await send(lab, 1))
                for other in others { try await other.tells(number: 1) }
                // The new holder makes two connections with TLS; a second is enough where no other program runs.
                let limit = max(.seconds(1), try await lab.startTime() * 50)
                let start = ContinuousClock.now
                first.program.signal(signal)
                try await eventually(.seconds(10), "another connection") {
                    try await lab.requests("/np/pushNotification").count == 2
                }
                // The time includes the polling with curl.
                #expect(ContinuousClock.now - start < limit)
                for other in others { try await other.tells("stream.resynced") }
                #expect(try await send(lab, 2))
                for other in others {
                    try await other.tells(number: 2)
                    #expect(other.numbers == [1, 2])
                    #expect(
                        other.types.filter { $0.hasPrefix("stream.") } == [
                            "stream.connected", "stream.ready", "stream.lost", "stream.connected", "stream.ready",
                            "stream.resynced",
                        ])
                }
                let words = try await lab.requests("/np/pushNotification").map { upgrade in
                    upgrade["headers"].array.first { $0[0].string?.uppercased() == "X-PSN-RECONNECTION" }?[1].string
                }
                #expect(words == ["false", "true"])
                #expect(try await peak(lab) == 1)
                for other in others { other.program.signal(SIGKILL) }
            }
        }

        /// poll(2) fails with EINVAL for more descriptors than the limit of the process.
        @Test func `a holder that stops sharing reports it and keeps its stream`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let holder = try PrintingListener(lab)
                try await holder.tells("stream.ready")
                let others = try (0..<2).map { _ in try PrintingListener(lab) }
                for other in others { try await other.tells("stream.ready") }
                let limit = try lab.start(program: ["prlimit", "--pid", "\(holder.program.pid)", "--nofile=3:"])
                try #require(try await limit.end().status == 0)
                let words = "the push connection is no longer shared"
                // A frame for the others ends the wait that began before.
                #expect(try await send(lab, 1))
                while let line = try await holder.program.errorLine(), !line.contains(words) {}
                for other in others {
                    try await other.tells("stream.lost")
                    while let line = try await other.program.errorLine(), !line.contains("does not share it") {}
                }
                #expect(try await send(lab, 2))
                try await holder.tells(number: 2)
                #expect(try await peak(lab) == 1)
                holder.program.signal(SIGKILL)
                for other in others { try await other.tells("stream.resynced") }
                for other in others { other.program.signal(SIGTERM) }
                for other in others { #expect(try await other.program.end().status == 143) }
            }
        }

        @Test func `a process that was stopped reports it, delays no other and catches up`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let holder = try PrintingListener(lab)
                try await holder.tells("stream.ready")
                let other = try PrintingListener(lab)
                let stopped = try PrintingListener(lab)
                for listener in [other, stopped] { try await listener.tells("stream.ready") }
                #expect(try await send(lab, 1))
                try await stopped.tells(number: 1)
                stopped.program.signal(SIGSTOP)
                // More than the buffer for a follower that does not read.
                try await lab.push(#"{"burst":{"count":160,"size":65536,"dataType":"psn:test:filling"}}"#)
                #expect(try await send(lab, 1000))
                try await other.tells(number: 1000)
                stopped.program.signal(SIGCONT)
                try await stopped.tells("stream.resynced")
                #expect(try await send(lab, 1001))
                for listener in [holder, other, stopped] { try await listener.tells(number: 1001) }
                #expect(other.numbers.count == 163 && !other.types.contains("stream.lost"))
                let told = stopped.numbers
                #expect(Set(told.dropFirst()).count == told.count - 1, "no number twice, the 1 of the filling apart")
                #expect(stopped.types.count { $0 == "stream.lost" } == 1)
                for listener in [holder, other, stopped] { listener.program.signal(SIGKILL) }
            }
        }

        /// Leftovers of an earlier process, and folders in which no socket can listen.
        @Test(arguments: ["stale", "long", "lock", "socket", "token"])
        func `the stream works with any state folder`(kind: String) async throws {
            try await Lab.run { lab in
                var variables: [String: String] = [:]
                var folder = "state"
                if kind == "long" {
                    folder = "state-" + String(repeating: "long-", count: 25)
                    variables["PSPARTY_STATE_HOME"] = lab.scratch(folder)
                }
                let signedIn = try await lab.psparty(
                    "login", "--npsso", "-", input: lab.npsso(0) + "\n", variables: variables)
                #expect(signedIn.status == 0)
                let profile = lab.scratch(folder + "/profiles/default/" + lab.accountFolder())
                let files = FileManager.default
                try files.createDirectory(atPath: profile, withIntermediateDirectories: true)
                switch kind {
                case "stale":
                    for name in ["/stream.lock", "/stream.sock"] {
                        #expect(files.createFile(atPath: profile + name, contents: nil))
                    }
                case "lock", "socket":
                    let name = kind == "lock" ? "/stream.lock" : "/stream.sock"
                    try files.createDirectory(atPath: profile + name, withIntermediateDirectories: false)
                case "token": variables["PSPARTY_ACCESS_TOKEN"] = try await lab.token()
                default: break
                }
                let listeners = try (0..<2).map { _ in try PrintingListener(lab, variables: variables) }
                for listener in listeners { try await listener.tells("stream.ready") }
                let isShared = kind == "stale" || kind == "long"
                #expect(try await peak(lab) == (isShared ? 1 : 2))
                #expect(try await send(lab, 1))
                for listener in listeners { try await listener.tells(number: 1) }
                if isShared {
                    let mode = try files.attributesOfItem(atPath: profile + "/stream.sock")[.posixPermissions] as? Int
                    #expect(mode == 0o600)
                }
                for listener in listeners { listener.program.signal(SIGINT) }
                for listener in listeners { #expect(try await listener.program.end().status == 130) }
                if isShared { #expect(!files.fileExists(atPath: profile + "/stream.sock")) }
            }
        }

        @Test func `a process waits for a holder of another version and reports it`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let folder = lab.scratch("state/profiles/default/" + lab.accountFolder())
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let other = try lab.start(program: [
                    "/usr/bin/python3", "-c",
                    """
                    import fcntl, os, socket, sys
                    # The address of a socket has room for 107 bytes.
                    os.chdir(sys.argv[1])
                    lock = open("stream.lock", "w")
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    server = socket.socket(socket.AF_UNIX)
                    server.bind("stream.sock")
                    server.listen()
                    print("up", flush=True)
                    while True:
                        line, _ = server.accept()
                        line.sendall(b'{"greeting":{"version":99}}\\n')
                        line.close()
                    """, folder,
                ])
                #expect(try await other.line() == "up")
                let listener = try PrintingListener(lab)
                let complaint = try await listener.program.errorLine() ?? ""
                #expect(complaint.contains("the process \(other.pid) that holds"))
                #expect(complaint.contains("kill -CONT \(other.pid)"))
                other.signal(SIGKILL)
                try await listener.tells("stream.ready")
                listener.program.signal(SIGINT)
                #expect(try await listener.program.end().status == 130)
            }
        }
    }
}

/// One round of processes that start and end.
private struct Round {
    let starts: Bool
    let ends: Bool
    let which: Int
    let how: Int
}

extension SeededChance {
    fileprivate mutating func shuffledRounds(_ count: Int) -> [Round] {
        (0..<count).map { _ in Round(starts: happens(500), ends: happens(600), which: below(1000), how: below(3)) }
    }
}
