import PartyTestSupport
import Testing

@testable import psparty

@Suite struct ScreenKeyTests {
    private static func keys(_ reads: String...) -> [ScreenKey] {
        var decoder = ScreenKeyDecoder()
        return reads.flatMap { decoder.keys(in: Array($0.utf8)) }
    }

    @Test(arguments: [
        ("q", [ScreenKey.quit]), ("?", [.help]), ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OA", [.up]),
        ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]),
        ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~", [.first, .last, .first, .last]),
        ("\u{C}", [.redraw]), ("\u{1B}", [.escape]), ("xyz\u{7F}\u{0}", []), ("\u{1B}[200~q", [.quit]),
        ("\u{1B}[1;5Aq", [.quit]), ("\u{1B}xq", [.quit]), ("\u{1B}\u{1B}[A", [.escape, .up]), ("é漢q", [.quit]),
    ])
    func `keys of terminals are known, other input is skipped`(input: String, keys: [ScreenKey]) {
        #expect(Self.keys(input) == keys)
    }

    @Test func `a sequence may come in pieces`() {
        #expect(Self.keys("\u{1B}[", "5", "~", "q") == [.pageUp, .quit])
    }

    @Test func `random bytes do no harm, and q still quits`() {
        var chance = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var decoder = ScreenKeyDecoder()
            let bytes = (0..<Int.random(in: 0...60, using: &chance)).map { _ in
                UInt8.random(in: 0...255, using: &chance)
            }
            _ = decoder.keys(in: bytes)
            // Whatever was pending ends with at most so many letters.
            #expect(decoder.keys(in: Array(repeating: UInt8(ascii: "q"), count: 40)).last == .quit, "\(bytes)")
        }
    }
}
