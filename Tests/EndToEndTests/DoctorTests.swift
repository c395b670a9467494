import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// `doctor` with the real network, files and processes.
    struct DoctorTests {
        private func doctor(
            _ lab: Lab, _ words: [String] = [], variables: [String: String] = [:]
        ) async throws -> (lines: [JSON], result: ProgramResult) {
            let program = try lab.start(["doctor", "--json"] + words, variables: variables)
            program.closeInput()
            let result = try await program.end()
            return (try JSON(result.stdout).array, result)
        }

        private func line(_ lines: [JSON], _ check: String) throws -> JSON {
            try #require(lines.first { $0["check"].string == check })
        }

        private func expect(_ line: JSON, _ result: String, _ says: String, _ advises: String? = nil) {
            #expect(line["result"].string == result, "\(line["detail"].string ?? "")")
            #expect(line["detail"].string?.contains(says) == true, "\(line["detail"].string ?? "")")
            if let advises { #expect(line["hint"].string?.contains(advises) == true, "\(line["hint"].string ?? "")") }
        }

        @Test func `nothing is wrong, and the push connection is opened once and closed`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let (lines, result) = try await doctor(lab)
                #expect(result.status == 0, "\(result.stderr)")
                #expect(lines.allSatisfy { $0["result"].string == "ok" }, "\(result.stdout)")
                #expect(try await lab.closeCodes() == [1000])
                let text = try await lab.psparty("doctor")
                #expect(text.stdout.split(separator: "\n").count == lines.count)
                #expect(text.stdout.hasPrefix("ok\tconfiguration\tprofile default, server https://127.0.0.1"))
            }
        }

        @Test(arguments: [
            ("expired", "expired", "date and time"), ("wrong-host", "match", "--ca-file"),
            ("other-ca", "certificate", "--ca-file"),
        ])
        func `a certificate that is not trusted is found`(tls: String, says: String, advises: String) async throws {
            try await Lab.run(tls: tls) { lab in
                let (lines, result) = try await doctor(lab)
                #expect(result.status == 7)
                expect(try line(lines, "dns"), "ok", "127.0.0.1")
                expect(try line(lines, "tcp"), "ok", "127.0.0.1")
                expect(try line(lines, "tls"), "failure", says, advises)
                expect(try line(lines, "push"), "warning", "not checked: the service cannot be reached")
            }
        }

        @Test func `a service that is gone, and a simulator that was stopped`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                lab.simulator.signal(SIGTERM)
                _ = try await lab.simulator.end()
                let (lines, result) = try await doctor(lab)
                #expect(result.status == 7)
                expect(try line(lines, "tcp"), "failure", "does not answer", "psparty-sim --daemon")
                expect(try line(lines, "sign-in"), "ok", "psparty-user-a")
            }
        }

        @Test func `a stream that another process holds is asked for, not opened anew`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen"])
                try await lab.listening()
                try await lab.psparty("create")
                let (lines, result) = try await doctor(lab)
                #expect(result.status == 0)
                expect(try line(lines, "connection"), "ok", "process \(listen.pid) holds")
                expect(try line(lines, "push"), "ok", "has an open stream")
                let state = try await lab.control("GET", "state")
                #expect(state["peakSockets"].int == 1 && state["sockets"].array.count == 1)
                // Lost, and refused from here on.
                try await lab.fault("/np/pushNotification", #"{"kind":"status","status":503}"#, times: 0)
                try await lab.push(#"{"cut":true}"#)
                try await eventually(.seconds(15), "the loss") {
                    try line(try await doctor(lab).lines, "push")["result"].string == "failure"
                }
                expect(try line(try await doctor(lab).lines, "push"), "failure", "has lost the stream", "by itself")
                listen.signal(SIGSTOP)
                let (stopped, end) = try await doctor(lab)
                listen.signal(SIGCONT)
                #expect(end.status == 7)
                expect(try line(stopped, "connection"), "failure", "does not answer", "kill -CONT")
                listen.signal(SIGTERM)
                _ = try await listen.end()
            }
        }

        @Test func `a place in a party is not risked`() async throws {
            try await Lab.run(scenario: #"{"membershipOnReconnect":"dropped"}"#) { lab in
                try await lab.login()
                let id = try await lab.psparty("create").stdout.dropLast()
                let (lines, result) = try await doctor(lab)
                #expect(result.status == 0)
                expect(try line(lines, "push"), "warning", "may cost your place in the party \(id)", "listen")
                #expect(try await lab.requests("/np/pushNotification").isEmpty)
                #expect(try await lab.psparty("show", String(id)).stdout.contains("psparty-user-a"))
            }
        }

        @Test func `files that others can read, and what killed processes left`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let left = "state/profiles/default/.credentials.json.00000000-0000-4000-8000-000000000000"
                try lab.scratch.write("x", to: left)
                try lab.scratch.setMode(left, to: 0o600)
                expect(try line(try await doctor(lab).lines, "leftovers"), "warning", left, "next command")
                try lab.scratch.setMode("state/profiles/default/credentials.json", to: 0o644)
                let (lines, result) = try await doctor(lab)
                #expect(result.status == 70)
                expect(try line(lines, "files"), "failure", "chmod 600", "sign out and in again")
                expect(try line(lines, "tls"), "ok", "trusted")
            }
        }

        @Test func `a bundle is new, for the user alone, and holds nothing of a person`() async throws {
            try await Lab.run { lab in
                try await lab.login(0, profile: "jane")
                try await lab.psparty("create", "--profile", "jane")
                let file = lab.scratch("bundle")
                try await lab.psparty("doctor", "--profile", "jane", "--bundle", file)
                let text = try String(contentsOfFile: file, encoding: .utf8)
                #expect(try lab.scratch.permissions()["bundle"] == 0o600)
                for check in ["configuration", "libraries", "sign-in", "push"] { #expect(text.contains(" \(check): ")) }
                let personal = [
                    "1000000000000000001", "psparty-user-a", "jane", lab.scratch.path, lab.npsso(0),
                    lab.variables["PSPARTY_CLIENT_ID"] ?? "", lab.variables["PSPARTY_CLIENT_SECRET"] ?? "",
                    try await lab.psparty("list", "--profile", "jane").stdout.prefix(36).description,
                ]
                for value in personal where !value.isEmpty { #expect(!text.contains(value), "\(value): \(text)") }
                let again = try await lab.psparty("doctor", "--profile", "jane", "--bundle", file)
                #expect(again.status == 70 && again.stderr.contains("replaces no file"))
                #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
            }
        }
    }
}
