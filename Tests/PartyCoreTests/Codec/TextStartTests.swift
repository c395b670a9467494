import PartyCore
import Testing

struct TextStartTests {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    @Test(arguments: [[], [0xEF], [0xEF, 0xBB], [0x61], [0xEF, 0x61], [0xEF, 0xBB, 0x61], mark] as [[UInt8]])
    func `a byte order mark is removed once, with pieces of any size`(_ text: [UInt8]) throws {
        for size in 1...4 {
            for (bytes, expected) in [(text, text == Self.mark ? [] : text), (Self.mark + text, text)] {
                var start = TextStart()
                var found: [UInt8] = []
                for offset in stride(from: 0, to: bytes.count, by: size) {
                    found += try start.take(Array(bytes[offset..<min(offset + size, bytes.count)]))
                }
                #expect(found + start.end() == expected)
            }
        }
    }

    @Test(arguments: [[0xFF, 0xFE, 0x7B, 0], [0xFE, 0xFF, 0, 0x7B], [0x7B, 0], [0, 0x7B]] as [[UInt8]])
    func `UTF-16 is refused`(_ text: [UInt8]) {
        #expect(throws: CodecError.self) { _ = try TextStart.text(text) }
    }

    @Test func `JSON may begin with one byte order mark`() throws {
        #expect(try JSONDocument(Self.mark + Array(#"{"a":1}"#.utf8)).root["a"]?.integer == 1)
        #expect(throws: CodecError.self) { _ = try JSONDocument(Self.mark + Self.mark + [0x31]) }
        #expect(throws: CodecError.self) { _ = try JSONDocument(Self.mark) }
    }
}
