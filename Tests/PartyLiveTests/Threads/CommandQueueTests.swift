import PartyTestSupport
import Testing

@testable import PartyLive

struct CommandQueueTests {
    @Test func `the thread is woken for the first command and takes all waiting ones`() {
        let queue = CommandQueue<Int>()
        let wakes = Tape<Void>()
        queue.post(1)
        queue.setWake { wakes.append(()) }
        queue.post(2)
        #expect(wakes.count == 0, "the thread looks for commands before it first sleeps")
        #expect(queue.take() == [1, 2])
        #expect(queue.take() == [])
        queue.post(3)
        queue.post(4)
        #expect(wakes.count == 1)
        #expect(queue.take() == [3, 4])
        queue.post(5)
        #expect(wakes.count == 2)
        queue.setWake(nil)
        queue.post(6)
        #expect(queue.take() == [5, 6])
    }

    @Test func `a closed queue returns its waiting commands and accepts no more`() {
        let queue = CommandQueue<Int>()
        #expect(queue.post(1))
        #expect(queue.close() == [1])
        #expect(!queue.post(2))
        #expect(queue.take() == [])
    }
}
