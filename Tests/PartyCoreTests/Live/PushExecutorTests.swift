import Glibc
import PartyTestSupport
import Testing

@testable import PartyCore

struct PushExecutorTests {
    private let executor = PushExecutor()

    /// A task on the executor that says, for each number it is sent, on which thread it got it.
    private func listener(
        _ numbers: AsyncStream<Int>
    ) -> (heard: Tape<Int>, threads: Tape<pthread_t>, end: Task<Void, Never>) {
        let heard = Tape<Int>()
        let threads = Tape<pthread_t>()
        let task = Task(executorPreference: executor) {
            for await number in numbers {
                threads.append(pthread_self())
                heard.append(number)
            }
        }
        return (heard, threads, task)
    }

    @Test func `what is accompanied is worked on before the call returns, on the thread of the caller`() async throws {
        let (numbers, send) = AsyncStream<Int>.makeStream()
        let (heard, threads, end) = listener(numbers)
        let own = Tape<pthread_t>()
        for number in 1...100 {
            // Once all is at rest: what runs already is not for the caller.
            try await eventually(.seconds(10), "rest") { heard.all.count == number - 1 && executor.isAtRest }
            accompany {
                own.append(pthread_self())
                send.yield(number)
            }
            #expect(heard.all == Array(1...number))
        }
        #expect(threads.all == own.all)
        send.finish()
        await end.value
    }

    /// Not from a task itself: an asynchronous context may be moved.
    private func accompany(_ body: () -> Void) { executor.accompany(body) }

    @Test func `what nobody accompanies has a thread of its own, in order`() async throws {
        let (numbers, send) = AsyncStream<Int>.makeStream()
        let (heard, threads, end) = listener(numbers)
        for number in 1...1000 { send.yield(number) }
        send.finish()
        await end.value
        #expect(heard.all == Array(1...1000))
        #expect(Set(threads.all).count == 1)
        #expect(!threads.all.contains(pthread_self()))
    }

    @Test func `nothing is lost or done twice where both come at once`() async throws {
        let (numbers, send) = AsyncStream<Int>.makeStream()
        let (heard, _, end) = listener(numbers)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for number in 1...2000 { send.yield(2 * number) } }
            group.addTask { for number in 1...2000 { accompany { send.yield(2 * number + 1) } } }
        }
        send.finish()
        await end.value
        #expect(heard.all.sorted() == Array(2...4001))
    }

    @Test func `more than a portion is left to the thread`() async throws {
        let count = 10 * PushExecutor.portion
        let threads = Tape<pthread_t>()
        let started = Tape<Int>()
        let own = Tape<pthread_t>()
        var tasks: [Task<Void, Never>] = []
        executor.accompany {
            own.append(pthread_self())
            for number in 0..<count {
                tasks.append(
                    Task(executorPreference: executor) {
                        for _ in 0..<3 { await Task.yield() }
                        threads.append(pthread_self())
                        started.append(number)
                    })
            }
        }
        for task in tasks { await task.value }
        #expect(started.all.count == count)
        #expect(!threads.all.contains(own.all[0]), "each is put off three times, which is more than a portion")
    }
}
