import Testing

@testable import PartyCore
@testable import PartyLive

struct SocketShareTests {
    private static let alice = AccountID(1_000_000_000_000_000_001)

    @Test func `another account, or the same at another server, has a connection of its own`() async throws {
        let disk = Disk()
        let share = SocketShare(stateFolder: disk.folder, profile: "default")
        let there = try #require(ServiceOrigin("https://127.0.0.1:8443"))
        let accounts = [
            ServiceAccount(origin: .realService, accountID: Self.alice),
            ServiceAccount(origin: .realService, accountID: AccountID(1_000_000_000_000_000_002)),
            ServiceAccount(origin: there, accountID: Self.alice),
        ]
        var holds: [StreamHold] = []
        for account in accounts {
            #expect(try share.join(for: account) == nil)
            holds.append(try #require(try share.hold(for: account)))
            #expect(try share.hold(for: account) == nil)
        }
        for (account, hold) in zip(accounts, holds) {
            let line = try #require(try share.join(for: account))
            let joined = try #require(await hold.joined.first { _ in true })
            joined.send(Array("\(account.folderName)\n".utf8))
            let received = try #require(await line.received.first { _ in true })
            #expect(received == [Array(account.folderName.utf8)])
            line.close()
        }
        for hold in holds { await hold.release() }
    }

    /// The system reports the other side's end at once.
    @Test func `data sent before the holder's end is still read`() async throws {
        let disk = Disk()
        let account = ServiceAccount(origin: .realService, accountID: Self.alice)
        let share = SocketShare(stateFolder: disk.folder, profile: "default")
        // More than one read, and less than the buffer of the socket.
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
