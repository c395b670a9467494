import Testing

@testable import PartyCore
@testable import PartyLive

struct PollPauseTests {
    /// The results after that many refusals in a row.
    private func answers(_ pause: inout PollPause, refusals: Int) -> [Bool] {
        (0..<refusals).map { _ in pause.mayGoOn(afterRefusal: true) }
    }

    @Test func `a loop gives up after refusals in a row, and not for single ones`() {
        var pause = PollPause(pause: 0)
        for _ in 0..<3 {
            let fewer = answers(&pause, refusals: PollPause.most - 1)
            #expect(fewer.allSatisfy { $0 })
            let next = pause.mayGoOn(afterRefusal: false)
            #expect(next)
        }
        let all = answers(&pause, refusals: PollPause.most)
        #expect(all.last == false)
        #expect(all.dropLast().allSatisfy { $0 })
    }
}
