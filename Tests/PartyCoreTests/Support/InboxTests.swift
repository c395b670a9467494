import PartyTestSupport
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
