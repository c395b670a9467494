import Testing

@testable import PartyCore

struct SequenceCountTests {
    @Test func `numbers are consecutive and start again after the last one`() {
        var count = SequenceCount()
        #expect([count.next(), count.next()] == [1, 2])
        #expect(count.next(1000) == 3...1002)
        var last = SequenceCount(last: SequenceCount.highest)
        #expect(last?.next() == 1)
        var nearlyLast = SequenceCount(last: SequenceCount.highest - 5)
        #expect(nearlyLast?.next(6) == 1...6)
    }

    @Test(arguments: [Int64.min, -1, SequenceCount.highest + 1, .max]) func `a last number out of range is refused`(
        _ number: Int64
    ) {
        #expect(SequenceCount(last: number) == nil)
    }

    @Test(arguments: [Int64.min, -1, 0, .max]) func `a block of any size is within bounds`(_ size: Int64) {
        var count = SequenceCount()
        let block = count.next(size)
        #expect(block.lowerBound == 1)
        #expect(block.upperBound <= SequenceCount.highest)
        #expect(count.next() >= 1)
    }

    @Test(arguments: [
        ("7", false, 7), ("2", false, 3), ("-9223372036854775808", false, 3), ("1e308", false, 3), ("1.5", false, 3),
        ("", false, 3), ("+7", false, 3), ("9007199254740991", true, 0), ("9223372036854775807", true, 0),
        (String(repeating: "9", count: 400), true, 0),
    ])
    func `a peer's number advances the count within its range only`(_ text: String, isAnew: Bool, last: Int64) {
        var count = SequenceCount(last: 3) ?? SequenceCount()
        #expect(count.follow(text) == isAnew)
        #expect(count.last == last)
    }
}
