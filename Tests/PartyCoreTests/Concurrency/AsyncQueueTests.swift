import PartyTestSupport
import Synchronization
import Testing

@testable import PartyCore

struct AsyncQueueTests {
    @Test func `elements that wait are delivered together and in order, also after the end`() async {
        let queue = AsyncQueue<Int>()
        queue.put(1)
        queue.put(2)
        #expect(await queue.next() == [1, 2])
        queue.put(3)
        queue.end()
        queue.put(4)
        #expect(await queue.next() == [3])
        #expect(await queue.next() == nil)
    }

    @Test(arguments: [[7], nil]) func `a waiting consumer gets the next element, or the end`(_ comes: [Int]?)
        async throws
    {
        let queue = AsyncQueue<Int>()
        let taking = Task { await queue.next() }
        await Task.yield()
        if let number = comes?.first { queue.put(number) } else { queue.end() }
        #expect(try await within(.seconds(10), "the consumer") { await taking.value } == comes)
    }

    @Test
    func `work is done inline only while the consumer waits, and elements that are put in meanwhile come after it`()
        async throws
    {
        let queue = AsyncQueue<Int>()
        #expect(!queue.processInlineIfIdle { Issue.record("there is no consumer yet") })
        let taking = Task { [await queue.next(), await queue.next()] }
        try await eventually(.seconds(10), "the consumer") { queue.processInlineIfIdle {} }
        let isDone = queue.processInlineIfIdle {
            queue.put(1)
            queue.put(2)
            #expect(!queue.processInlineIfIdle { Issue.record("one at a time") })
        }
        #expect(isDone)
        queue.put(3)
        queue.end()
        let found = try await within(.seconds(10), "the consumer") { await taking.value }
        #expect(found.compactMap(\.self).flatMap(\.self) == [1, 2, 3])
        #expect(!queue.processInlineIfIdle { Issue.record("all is over") })
    }

    @Test func `an end during inline work comes after it`() async throws {
        let queue = AsyncQueue<Int>()
        let taking = Task { await queue.next() }
        try await eventually(.seconds(10), "the consumer") { queue.processInlineIfIdle { queue.end() } }
        #expect(try await within(.seconds(10), "the end") { await taking.value } == nil)
        queue.put(1)
        #expect(await queue.next() == nil)
    }

    /// Consumer and inline work append to one list, one at a time.
    @Test func `with inline work and elements from several tasks nothing is lost, done twice or done at the same time`()
        async throws
    {
        let queue = AsyncQueue<Int>()
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
            while let some = await queue.next() { for number in some { work(number) } }
        }
        let (sides, each) = (4, 2000)
        await withTaskGroup { group in
            for side in 0..<sides {
                group.addTask {
                    for number in (side * each)..<((side + 1) * each)
                    where side == 0 || !queue.processInlineIfIdle({ work(number) }) {
                        queue.put(number)
                    }
                }
            }
        }
        queue.end()
        try await within(.seconds(20), "the consumer") { await taking.value }
        #expect(done.all.sorted() == Array(0..<(sides * each)))
        #expect(collisions.load(ordering: .relaxed) == 0)
        for side in 0..<sides {
            let own = done.all.filter { $0 / each == side }
            #expect(own == own.sorted())
        }
    }

    @Test func `elements from several tasks are all delivered, and those of one task keep their order`() async {
        let queue = AsyncQueue<Int>()
        let (sides, each) = (4, 1000)
        let putting = Task {
            await withTaskGroup { group in
                for side in 0..<sides {
                    group.addTask { for number in 0..<each { queue.put(side * each + number) } }
                }
            }
            queue.end()
        }
        var found: [Int] = []
        while let some = await queue.next() { found += some }
        await putting.value
        #expect(found.sorted() == Array(0..<(sides * each)))
        for side in 0..<sides {
            let own = found.filter { $0 / each == side }
            #expect(own == own.sorted())
        }
    }
}
