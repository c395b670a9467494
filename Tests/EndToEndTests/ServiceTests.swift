import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// `listen` with a service manager's socket, as the built program.
    struct ServiceTests {
        private static let scenario =
            #"{"keepAlive":{"clientKeepAliveInterval":1000,"clientKeepAliveTimeout":1500},"clientFramesAnswered":false}"#

        @Test(arguments: [false, true])
        func `the service manager gets READY, WATCHDOG, no WATCHDOG in silence, and STOPPING`(
            isAbstract: Bool
        ) async throws {
            try await Lab.run(scenario: Self.scenario) { lab in
                try await lab.login()
                let inbox = try DatagramInbox(isAbstract ? "@psparty-\(UUID().uuidString)" : lab.scratch("notify"))
                defer { inbox.stop() }
                let variables = ["NOTIFY_SOCKET": inbox.address, "WATCHDOG_USEC": "400000"]
                let listen = try lab.start(["listen", "--lifecycle"], variables: variables)
                #expect(try await inbox.message(0) == "STATUS=connected, signing in")
                #expect(try await inbox.message(1) == "READY=1\nSTATUS=listening\nWATCHDOG=1")
                for meal in 2...4 { #expect(try await inbox.message(meal) == "WATCHDOG=1") }

                // Nothing comes any more, though the connection stands.
                lab.simulator.signal(SIGSTOP)
                try await eventually(.seconds(15), "the loss") {
                    inbox.messages.all.contains { $0.hasPrefix("STATUS=no stream") }
                }
                let count = inbox.messages.count
                lab.simulator.signal(SIGCONT)
                try await eventually(.seconds(15), "the next stream") {
                    inbox.messages.all.last == "WATCHDOG=1" && inbox.messages.count > count + 2
                }
                let later = inbox.messages.all[count...]
                let fed = try #require(later.firstIndex { $0.contains("WATCHDOG") })
                #expect(later[fed] == "STATUS=listening\nWATCHDOG=1")

                listen.signal(SIGTERM)
                #expect(try await listen.end().status == 143)
                try await eventually(.seconds(10), "the last message") {
                    inbox.messages.all.last == "STOPPING=1\nSTATUS=closing the stream"
                }
                #expect(inbox.messages.all.filter { $0.contains("READY=1") }.count == 1)
            }
        }

        @Test func `no WATCHDOG is sent for another process`() async throws {
            try await Lab.run(scenario: Self.scenario) { lab in
                try await lab.login()
                let inbox = try DatagramInbox(lab.scratch("notify"))
                defer { inbox.stop() }
                let variables = [
                    "NOTIFY_SOCKET": inbox.address, "WATCHDOG_USEC": "100000", "WATCHDOG_PID": String(getpid()),
                ]
                let result = try await lab.psparty("listen", "--timeout", "1", variables: variables)
                #expect(result.status == 0)
                _ = try await inbox.message(2)
                #expect(
                    inbox.messages.all == [
                        "STATUS=connected, signing in", "READY=1\nSTATUS=listening",
                        "STOPPING=1\nSTATUS=closing the stream",
                    ])
            }
        }
    }
}
