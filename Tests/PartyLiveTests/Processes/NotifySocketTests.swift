import Foundation
import PartyCore
import PartyLive
import PartyTestSupport
import Testing

struct NotifySocketTests {
    @Test func `a message arrives whole, at a path and at an abstract name`() async throws {
        let scratch = try ScratchFolder()
        for address in [scratch("notify"), "@psparty-test-\(UUID().uuidString)"] {
            let inbox = try DatagramInbox(address)
            defer { inbox.stop() }
            let socket = try #require(NotifySocket(address))
            socket.send("READY=1\nSTATUS=é")
            socket.send("WATCHDOG=1")
            #expect(try await inbox.message(0) == "READY=1\nSTATUS=é")
            #expect(try await inbox.message(1) == "WATCHDOG=1")
        }
    }

    @Test(arguments: ["", "@", "relative", "vsock:2:1234", "/" + String(repeating: "a", count: 107)])
    func `other addresses are ignored`(address: String) {
        #expect(NotifySocket(address) == nil)
    }

    @Test func `the longest path and the longest abstract name work`() async throws {
        let name = "@" + UUID().uuidString + String(repeating: "n", count: 107 - 36)
        let inbox = try DatagramInbox(name)
        defer { inbox.stop() }
        try #require(NotifySocket(name)).send("x")
        #expect(try await inbox.message(0) == "x")
        #expect(NotifySocket(name + "n") == nil)
    }

    @Test func `without a listener a message is lost`() throws {
        let scratch = try ScratchFolder()
        try #require(NotifySocket(scratch("nobody"))).send("READY=1")
    }

    @Test func `a service manager that does not read delays no caller`() async throws {
        let scratch = try ScratchFolder()
        let inbox = try DatagramInbox(scratch("notify"), reads: false)
        defer { inbox.stop() }
        let socket = try #require(NotifySocket(inbox.address))
        // A blocking send would wait a second for each of these, except those that fit into the socket.
        let start = ContinuousClock.now
        for _ in 0..<1000 { socket.send("x") }
        #expect(.now - start < .seconds(30))
    }
}
