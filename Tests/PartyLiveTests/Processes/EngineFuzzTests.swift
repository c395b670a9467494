import Foundation
import Glibc
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

/// Output of an engine, read in pieces of any size.
struct EngineFuzzTests {
    private static let limit = 5000

    /// A socket pair in place of an engine's two pipes.
    private final class Wires {
        let engine: Int32
        private let ours: Int32
        var pipes: EnginePipes

        init() throws {
            var ends: [Int32] = [-1, -1]
            let failure = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
            try #require(failure == 0)
            (engine, ours) = (ends[0], ends[1])
            pipes = EnginePipes(input: dup(ours), output: ours, lineLimit: EngineFuzzTests.limit)
        }

        /// Writes as much as fits.
        /// - Returns: the number of bytes; `nil` if there is no reader any more.
        func say(_ bytes: ArraySlice<UInt8>) -> Int? {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe send(engine, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            return count >= 0 ? count : (errno == EAGAIN ? 0 : nil)
        }

        deinit {
            pipes.close()
            close(engine)
        }
    }

    /// The messages read from the bytes, cut at random.
    private static func outputs(of bytes: [UInt8], _ chance: inout SeededChance) throws -> [EngineLink.Output] {
        let wires = try Wires()
        var seen: [EngineLink.Output] = []
        var place = 0
        while place < bytes.count, wires.pipes.hasMore {
            let size = chance.happens(500) ? 1 + chance.below(20) : 1 + chance.below(40_000)
            guard let count = wires.say(bytes[place..<min(bytes.count, place + size)]) else { break }
            place += count
            if count == 0 || chance.happens(500) { seen += exchange(wires) }
        }
        shutdown(wires.engine, Int32(SHUT_WR))
        while wires.pipes.hasMore { seen += exchange(wires) }
        return seen
    }

    /// One read, which delivers at most 64 lines and the rest of the last read.
    private static func exchange(_ wires: Wires) -> [EngineLink.Output] {
        let batch = wires.pipes.exchange(mayRead: true)
        let size = batch.reduce(0) { size, output in
            if case .line(let line) = output { size + line.count } else { size }
        }
        #expect(size <= 64 * limit + 65536)
        return batch
    }

    private static func message(_ chance: inout SeededChance) -> EngineMessage {
        let words = ["v=0\r\n", "s=\u{1F600}\r\n", "a=\"\\/\r\n", "o=- 1 1 IN IP4 192.0.2.1\r\n"]
        let sdp = words[0] + (0..<chance.below(8)).map { _ in words[1 + chance.below(3)] }.joined()
        let account = AccountID(1_000_000_000_000_000_001)
        let peers = [VoicePeer.bridge, .member(.init(accountID: account, platform: .ps5))]
        let peer = peers[chance.below(2)]
        return [.offer(peer, sdp: sdp), .answer(peer, sdp: sdp), .bye(peer)][chance.below(3)]
    }

    private static func line(_ message: EngineMessage) -> [UInt8] {
        var json = JSONWriter()
        message.write(to: &json)
        return Array(json.bytes.dropLast())
    }

    /// A line that is not a message: random, truncated, mutated, of the greatest length, or empty.
    private static func nonsense(_ chance: inout SeededChance) -> [UInt8] {
        var bytes = line(message(&chance))
        switch chance.below(5) {
        case 0: return (0..<chance.below(300)).map { _ in UInt8(chance.below(255)) }.map { $0 == 0x0A ? 0xFF : $0 }
        case 1: return Array(bytes[..<chance.below(bytes.count)])
        case 2:
            // Within a string: invalid UTF-8.
            bytes.replaceSubrange(
                10..<10, with: [[0xC3, 0x28], [0xFF], [0xED, 0xA0, 0x80], [0xF0, 0x9F]][chance.below(4)])
            return bytes
        case 3: return [UInt8](repeating: UInt8(ascii: "["), count: limit - chance.below(2))
        default: return [[], [0x0D], [0x20, 0x20], [0x00]][chance.below(4)]
        }
    }

    @Test(arguments: 0..<24)
    func `messages between invalid lines are read in order, in pieces of any size`(_ seed: Int) throws {
        var chance = SeededChance(seed: UInt64(seed))
        var lines: [[UInt8]] = []
        var messages: [EngineMessage] = []
        for _ in 0..<400 {
            guard chance.happens(400) else {
                lines.append(Self.nonsense(&chance))
                continue
            }
            messages.append(Self.message(&chance))
            lines.append(Self.line(messages[messages.count - 1]))
        }
        // A last line without a line feed does not count.
        let bytes = Array(lines.joined(separator: [0x0A])) + [0x0A] + Self.line(Self.message(&chance))
        let seen = try Self.outputs(of: bytes, &chance)
        #expect(seen == lines.map { .line($0) })
        let understood = seen.compactMap { output in
            if case .line(let line) = output { try? EngineMessage(line: line) } else { nil }
        }
        #expect(understood == messages)
        #expect(messages.count > 100)
    }

    /// With any pieces, and any bytes behind the line.
    @Test(arguments: 0..<24)
    func `after an overlong line nothing is read, and memory stays within one read`(_ seed: Int) throws {
        var chance = SeededChance(seed: UInt64(seed))
        let before = (0..<chance.below(50)).map { _ in Self.line(Self.message(&chance)) }
        let long = [UInt8](repeating: 0x78, count: Self.limit + 1 + chance.below(3) * 100_000)
        let behind = (0..<50).map { _ in Self.line(Self.message(&chance)) }
        let bytes = Array((before + [long] + behind).joined(separator: [0x0A])) + [0x0A]
        let seen = try Self.outputs(of: bytes, &chance)
        #expect(seen.dropLast() == before.map { .line($0) }[...])
        guard case .lineTooLong(let size)? = seen.last else {
            Issue.record("the last is \(String(describing: seen.last))")
            return
        }
        #expect((Self.limit + 1...Self.limit + 65536).contains(size))
    }

    /// A mutated message is an error or a message, and a message can be written again.
    @Test(arguments: 0..<8)
    func `a mutated message is refused or can be written again`(_ seed: Int) {
        var chance = SeededChance(seed: UInt64(seed))
        var read = 0
        for _ in 0..<1000 {
            var line = Self.line(Self.message(&chance))
            for _ in 0...chance.below(3) {
                let place = chance.below(line.count)
                switch chance.below(3) {
                case 0: line[place] = UInt8(chance.below(256))
                case 1: line.remove(at: place)
                default: line.insert(contentsOf: line[..<chance.below(line.count)].suffix(9), at: place)
                }
            }
            guard let message = try? EngineMessage(line: line) else { continue }
            read += 1
            #expect(
                (try? EngineMessage(line: Self.line(message))) == message, "\(String(decoding: line, as: UTF8.self))")
        }
        #expect((50...950).contains(read), "\(read) of 1000 read: the mutations are too mild or too wild")
    }
}
