import PartyTestSupport
import Synchronization
import Testing

@testable import PartyCore

struct InboxTests {
    @Test func `what waits is taken at once and in order, and what waited at the end is still taken`() async {
        let inbox = Inbox<Int>()
        inbox.put(1)
        inbox.put(2)
        #expect(await inbox.next() == [1, 2])
        inbox.put(3)
        inbox.end()
        inbox.put(4)
        #expect(await inbox.next() == [3])
        #expect(await inbox.next() == nil)
    }

    @Test(arguments: [[7], nil]) func `who waits gets what comes, or the end`(_ comes: [Int]?) async throws {
        let inbox = Inbox<Int>()
        let taking = Task { await inbox.next() }
        await Task.yield()
        if let number = comes?.first { inbox.put(number) } else { inbox.end() }
        #expect(try await within(.seconds(10), "the taker") { await taking.value } == comes)
    }

    @Test func `work is done in the taker's stead only where it waits, and what comes meanwhile comes after it`()
        async throws
    {
        let inbox = Inbox<Int>()
        #expect(!inbox.standIn { Issue.record("nobody has come to take anything") })
        let taking = Task { [await inbox.next(), await inbox.next()] }
        try await eventually(.seconds(10), "the taker") { inbox.standIn {} }
        let isDone = inbox.standIn {
            inbox.put(1)
            inbox.put(2)
            #expect(!inbox.standIn { Issue.record("one at a time") })
        }
        #expect(isDone)
        inbox.put(3)
        inbox.end()
        let found = try await within(.seconds(10), "the taker") { await taking.value }
        #expect(found.compactMap(\.self).flatMap(\.self) == [1, 2, 3])
        #expect(!inbox.standIn { Issue.record("all is over") })
    }

    @Test func `an end that comes while somebody stands in is told after it`() async throws {
        let inbox = Inbox<Int>()
        let taking = Task { await inbox.next() }
        try await eventually(.seconds(10), "the taker") { inbox.standIn { inbox.end() } }
        #expect(try await within(.seconds(10), "the end") { await taking.value } == nil)
        inbox.put(1)
        #expect(await inbox.next() == nil)
    }

    /// Everybody adds to one list, which only the taker and its stand-ins touch, one at a time.
    @Test func `nothing is lost, done twice or at the same time where some stand in and some put`() async throws {
        let inbox = Inbox<Int>()
        let done = Tape<Int>()
        let isBusy = Atomic(false)
        let collisions = Atomic(0)
        let work = { @Sendable (number: Int) in
            if isBusy.exchange(true, ordering: .sequentiallyConsistent) {
                collisions.add(1, ordering: .relaxed)
            }
            done.append(number)
            isBusy.store(false, ordering: .sequentiallyConsistent)
        }
        let taking = Task {
            while let some = await inbox.next() { for number in some { work(number) } }
        }
        let (sides, each) = (4, 2000)
        await withTaskGroup { group in
            for side in 0..<sides {
                group.addTask {
                    for number in (side * each)..<((side + 1) * each)
                    where side == 0 || !inbox.standIn({ work(number) }) {
                        inbox.put(number)
                    }
                }
            }
        }
        inbox.end()
        try await within(.seconds(20), "the taker") { await taking.value }
        #expect(done.all.sorted() == Array(0..<(sides * each)))
        #expect(collisions.load(ordering: .relaxed) == 0)
        for side in 0..<sides {
            let own = done.all.filter { $0 / each == side }
            #expect(own == own.sorted())
        }
    }

    @Test func `of many that are put in from several sides none is lost, and those of one side keep their order`() async
    {
        let inbox = Inbox<Int>()
        let (sides, each) = (4, 1000)
        let putting = Task {
            await withTaskGroup { group in
                for side in 0..<sides {
                    group.addTask { for number in 0..<each { inbox.put(side * each + number) } }
                }
            }
            inbox.end()
        }
        var found: [Int] = []
        while let some = await inbox.next() { found += some }
        await putting.value
        #expect(found.sorted() == Array(0..<(sides * each)))
        for side in 0..<sides {
            let own = found.filter { $0 / each == side }
            #expect(own == own.sorted())
        }
    }
}
