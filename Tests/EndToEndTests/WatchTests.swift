import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The live roster on a pseudo-terminal.
    struct WatchTests {
        /// Runs `watch` with that terminal as its own, as a shell would.
        private func watch(_ lab: Lab, on terminal: PseudoTerminal, _ words: [String] = []) throws -> RunningProgram {
            var environment = RunningProgram.Environment()
            environment.variables = lab.variables.merging(["TERM": "xterm", "NO_COLOR": "1"]) { $1 }
            environment.input = .file(terminal.path)
            environment.output = .file(terminal.path)
            return try lab.start(program: ["setsid", "--ctty", Lab.psparty, "watch"] + words, in: environment)
        }

        private func shows(_ terminal: PseudoTerminal, _ words: String, _ not: String = "\u{0}") async throws {
            do {
                try await eventually(.seconds(15), words) {
                    terminal.lines.contains { $0.contains(words) } && !terminal.lines.contains { $0.contains(not) }
                }
            } catch {
                throw DeadlinePassed(description: "\(error), but:\n" + terminal.lines.joined(separator: "\n"))
            }
        }

        private func expectAsBefore(_ terminal: PseudoTerminal) async throws {
            try await eventually(.seconds(5), "the terminal as it was") { !terminal.view.isAlternate }
            let view = terminal.view
            #expect(view.isCursorVisible && view.breaksLines && terminal.echoes)
            #expect(view.unknown.isEmpty)
        }

        @Test func `the roster follows the party and the size of the terminal, and Ctrl-C ends it`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.login(1, profile: "bob")
                let terminal = try PseudoTerminal(rows: 20, columns: 80)
                defer { terminal.close() }
                let watch = try watch(lab, on: terminal)
                try await shows(terminal, "waiting until you enter a party")
                try await shows(terminal, "● connected")
                #expect(terminal.view.isAlternate && !terminal.view.isCursorVisible && !terminal.echoes)

                let id = try await lab.psparty("create", "--name", "Friday").stdout.dropLast()
                try await shows(terminal, "1 of 16 members")
                try await lab.psparty("join", String(id), "--profile", "bob", "--voice")
                try await shows(terminal, "● psparty-user-b  mobile")
                #expect(terminal.lines[0].hasPrefix("Friday "))

                terminal.resize(rows: 8, columns: 30)
                try await shows(terminal, "● psparty-user-b", "mobile")
                #expect(terminal.lines.allSatisfy { $0.count <= 30 })
                terminal.resize(rows: 30, columns: 140)
                try await shows(terminal, "psparty-user-b joined")
                #expect(terminal.lines.contains { $0.contains(" │ ") })

                terminal.type("\u{3}")
                let result = try await watch.end(within: .seconds(5))
                #expect(result.status == 130)
                #expect(result.stderr.isEmpty)
                try await expectAsBefore(terminal)
                #expect(try await lab.closeCodes() == [1000])
            }
        }

        @Test func `keys: ? shows help, arrows scroll, q quits with status 0 and the terminal is as before`()
            async throws
        {
            try await Lab.run { lab in
                try await lab.login()
                let id = try await lab.psparty("create", "--name", "Friday").stdout.dropLast()
                let terminal = try PseudoTerminal(rows: 12, columns: 80)
                defer { terminal.close() }
                let watch = try watch(lab, on: terminal)
                try await shows(terminal, "● connected")
                #expect(!terminal.echoes && !terminal.collectsLines)
                for number in 1...9 { try await lab.psparty("edit", String(id), "--name", "name \(number)") }
                try await shows(terminal, #"called "name 9""#)
                terminal.type("?")
                try await shows(terminal, "any key closes this")
                terminal.type("x?")
                try await shows(terminal, "any key closes this")
                terminal.type("\u{1B}")
                try await shows(terminal, "? help", "any key closes this")
                for _ in 1...3 { terminal.type("\u{1B}[A") }
                try await shows(terminal, "3 newer below", #"called "name 7""#)
                terminal.type("\u{1B}[B")
                try await shows(terminal, "2 newer below")
                terminal.type("\u{1B}[5~\u{1B}[5~\u{1B}[5~\u{1B}[5~")
                try await shows(terminal, #"called "name 1""#)
                terminal.type("q")
                let result = try await watch.end(within: .seconds(5))
                #expect(result.status == 0)
                #expect(result.stderr.isEmpty)
                try await expectAsBefore(terminal)
                #expect(terminal.collectsLines)
                #expect(try await lab.closeCodes() == [1000])
            }
        }

        /// SIGQUIT is Ctrl-Backslash.
        @Test(arguments: [SIGTERM, SIGQUIT]) func `a signal ends it on a restored terminal`(signal: Int32) async throws
        {
            try await Lab.run { lab in
                try await lab.login()
                let terminal = try PseudoTerminal(rows: 20, columns: 80)
                defer { terminal.close() }
                let watch = try watch(lab, on: terminal)
                try await shows(terminal, "● connected")
                watch.signal(signal)
                #expect(try await watch.end(within: .seconds(5)).status == 128 + signal)
                try await expectAsBefore(terminal)
            }
        }

        @Test func `a terminal that does not read does not delay the end`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let terminal = try PseudoTerminal(rows: 20, columns: 80)
                defer { terminal.close() }
                let watch = try watch(lab, on: terminal)
                try await shows(terminal, "● connected")
                terminal.type("\u{13}")  // Ctrl-S
                try await lab.psparty("create")
                watch.signal(SIGTERM)
                #expect(try await watch.end(within: .seconds(5)).status == 143)
                try await eventually(.seconds(5), "the echo of what is typed") { terminal.echoes }
            }
        }

        @Test func `a stopped watch restores the terminal until it continues`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let terminal = try PseudoTerminal(rows: 20, columns: 80)
                defer { terminal.close() }
                let watch = try watch(lab, on: terminal)
                try await shows(terminal, "● connected")
                watch.signal(SIGTSTP)
                try await expectAsBefore(terminal)
                watch.signal(SIGCONT)
                try await eventually(.seconds(5), "the roster again") { terminal.view.isAlternate }
                try await shows(terminal, "● connected")
                #expect(!terminal.echoes)
                watch.signal(SIGINT)
                #expect(try await watch.end(within: .seconds(5)).status == 130)
                try await expectAsBefore(terminal)
            }
        }

        @Test func `a failure is printed on the restored terminal`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let terminal = try PseudoTerminal(rows: 20, columns: 80)
                defer { terminal.close() }
                try await lab.fault("/np/pushNotification", #"{"kind":"status","status":401}"#, times: 0)
                let watch = try watch(lab, on: terminal)
                let result = try await watch.end()
                #expect(result.status == 4)
                #expect(result.stderr.hasPrefix("psparty: "))
                try await expectAsBefore(terminal)
            }
        }

        @Test func `several watch processes share one connection with listen`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen"])
                try await lab.listening()
                let terminals = try (0..<3).map { _ in try PseudoTerminal(rows: 20, columns: 80) }
                defer { for terminal in terminals { terminal.close() } }
                let watches = try terminals.map { try watch(lab, on: $0) }
                for terminal in terminals { try await shows(terminal, "● connected") }
                try await lab.psparty("create", "--name", "Friday")
                for terminal in terminals { try await shows(terminal, "Friday") }
                #expect(try await lab.control("GET", "state")["sockets"].array.count == 1)
                // The holder ends; one of the others takes over.
                listen.signal(SIGKILL)
                _ = try await listen.end()
                try await lab.psparty("edit", "--name", "Saturday")
                for terminal in terminals { try await shows(terminal, "Saturday") }
                for watch in watches { watch.signal(SIGINT) }
                for watch in watches { #expect(try await watch.end().status == 130) }
            }
        }
    }
}
