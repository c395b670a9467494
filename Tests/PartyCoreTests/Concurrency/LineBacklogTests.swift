import PartyTestSupport
import Testing

@testable import PartyCore

struct LineBacklogTests {
    private func lines(_ texts: String...) -> [UInt8] { Array(texts.joined(separator: "\n").utf8) + [0x0A] }

    @Test func `lines that fit stay in memory, in order`() {
        var backlog = LineBacklog(.init(memory: 16))
        backlog.put(lines("one"), count: 1)
        backlog.put(lines("two", "three"), count: 2)
        #expect(!backlog.mustMove)
        #expect(backlog.count == 3)
        #expect(backlog.take(.upTo(bytes: 100)) == .lines(lines("one", "two", "three"), count: 3))
        #expect(backlog.take(.upTo(bytes: 100)) == .nothing)
        #expect(backlog.count == 0)
    }

    @Test func `other lines go to the file, with all later ones until the file is empty`() {
        var backlog = LineBacklog(.init(memory: 8))
        backlog.put(lines("one"), count: 1)
        backlog.put(lines("second"), count: 1)
        backlog.put(lines("3"), count: 1)
        #expect(backlog.mustMove)
        #expect(backlog.startMoving() == lines("second", "3"))
        #expect(backlog.startMoving() == nil)
        #expect(backlog.take(.oneLine) == .lines(lines("one"), count: 1))
        #expect(backlog.take(.oneLine) == .moving)
        backlog.finishMoving()
        #expect(backlog.take(.oneLine) == .inFile)
        backlog.put(lines("4"), count: 1)
        #expect(backlog.mustMove)
        #expect(backlog.count == 3)
        backlog.refill(lines("second", "3"), count: 2)
        #expect(backlog.take(.oneLine) == .lines(lines("second"), count: 1))
        #expect(backlog.take(.oneLine) == .lines(lines("3"), count: 1))
        // The reader caught up with the file: waiting lines need not go there.
        #expect(backlog.take(.oneLine) == .lines(lines("4"), count: 1))
        #expect(backlog.startMoving() == nil)
        backlog.put(lines("5"), count: 1)
        #expect(!backlog.mustMove)
    }

    @Test func `a piece ends with a line and contains at least one`() {
        var backlog = LineBacklog(.init(memory: 100))
        backlog.put(lines("aaa", "bbbbbbbbbb", "c", "d"), count: 4)
        #expect(backlog.take(.upTo(bytes: 6)) == .lines(lines("aaa"), count: 1))
        #expect(backlog.take(.upTo(bytes: 6)) == .lines(lines("bbbbbbbbbb"), count: 1))
        #expect(backlog.take(.upTo(bytes: 6)) == .lines(lines("c", "d"), count: 2))
    }

    @Test func `a batch that is large by itself is not moved while the reader keeps up`() {
        var backlog = LineBacklog(.init(memory: 4))
        backlog.put(lines("a long line"), count: 1)
        #expect(!backlog.mustMove)
    }

    @Test func `a file that does not keep up is reported`() {
        var backlog = LineBacklog(.init(memory: 4, emergency: 20))
        for _ in 0..<4 { backlog.put(lines("1234"), count: 1) }
        #expect(!backlog.isOverwhelmed)
        backlog.put(lines("1234"), count: 1)
        #expect(backlog.isOverwhelmed)
    }

    /// Compared with a plain queue, with the file as a list.
    @Test(arguments: UInt64(0)..<50) func `lines stay in order for any sequence of operations`(seed: UInt64) {
        var random = SeededChance(seed: seed)
        var backlog = LineBacklog(.init(memory: 40))
        var (sent, received, file, moving): ([UInt8], [UInt8], [UInt8], [UInt8]?) = ([], [], [], nil)
        var number = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let count = Int.random(in: 1...3, using: &random)
                let batch = (0..<count).flatMap { _ -> [UInt8] in
                    number += 1
                    return Array("line \(number)\n".utf8)
                }
                sent += batch
                backlog.put(batch, count: count)
            case 2: if moving == nil { moving = backlog.startMoving() }
            case 3:
                guard let moved = moving else { continue }
                file += moved
                moving = nil
                backlog.finishMoving()
            default:
                switch backlog.take(Bool.random(using: &random) ? .oneLine : .upTo(bytes: 20)) {
                case .lines(let bytes, let count):
                    received += bytes
                    #expect(bytes.lineCount == count)
                case .inFile:
                    backlog.refill(file, count: file.lineCount)
                    file = []
                case .moving: #expect(moving != nil)
                case .nothing: #expect(received == sent)
                }
            }
            #expect(backlog.count == sent.lineCount - received.lineCount)
            #expect(sent.starts(with: received))
        }
    }
}
