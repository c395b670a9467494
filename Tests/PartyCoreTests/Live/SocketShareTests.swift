import Testing

@testable import PartyCore

struct SocketShareTests {
    /// The system tells of the other side's end at once, and unasked.
    @Test func `what was sent before the holder's end is read after it, too`() async throws {
        let disk = Disk()
        let account = ServiceAccount(origin: .realService, accountID: alice)
        let share = SocketShare(stateFolder: disk.folder, profile: "default")
        // More than one read takes, and less than the system keeps for a reader who is late.
        let sent = (0..<80).map { number in Array("\(number)".utf8) + [UInt8](repeating: 0x2E, count: 900) }
        for _ in 0..<20 {
            let hold = try #require(try share.hold(for: account))
            let follower = try #require(try share.join(for: account))
            let holder = try #require(await hold.joined.first { _ in true })
            for line in sent { holder.send(line + [0x0A]) }
            var batches = follower.received.makeAsyncIterator()
            var received = try #require(await batches.next())
            await hold.release()
            while let batch = await batches.next() { received += batch }
            try #require(received == sent)
        }
    }
}
