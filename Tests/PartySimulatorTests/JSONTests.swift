import Testing

@testable import PartySimulator

struct JSONTests {
    @Test func `64-bit integers stay exact and members keep their order`() throws {
        let text = #"{"b":1000000000000000001,"a":[true,null,-9223372036854775808],"c":{}}"#
        let value = try JSONReader.read(Array(text.utf8))
        #expect(value["b"]?.integer == 1_000_000_000_000_000_001)
        #expect(value.keys == ["b", "a", "c"])
        #expect(value.text == text)
    }

    @Test(arguments: [
        (#""a\"\\\/\b\f\n\r\té""#, "a\"\\/\u{8}\u{c}\n\r\té"), (#""\ud83d\ude00""#, "😀"), (#""\u0000""#, "\u{0}"),
    ])
    func `escapes are read`(text: String, expected: String) throws {
        #expect(try JSONReader.read(Array(text.utf8)).string == expected)
    }

    @Test func `control characters and quotes are written as escapes, slashes are not`() {
        #expect(JSONValue.string("v=0\r\n\"/\\\u{1}").text == #""v=0\r\n\"/\\\u0001""#)
    }

    @Test(arguments: ["1.5", "1e400", "-0.0", "12345678901234567890"])
    func `other numbers keep their text`(text: String) throws {
        #expect(try JSONReader.read(Array(text.utf8)) == .number(text))
        #expect(try JSONReader.read(Array(text.utf8)).text == text)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1 2", "\"\u{1}\"", #""\ud83d""#, #""\x""#, "tru", "-", "1.",
        String(repeating: "[", count: 100),
    ])
    func `other texts than JSON are refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test func `invalid UTF-8 in a string is refused`() {
        #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test func `an error names line and column`() {
        #expect(throws: JSONError(line: 3, column: 3, reason: "expected a key in quotes")) {
            try JSONReader.read(Array("{\n \"a\": 1,\n  oops }".utf8))
        }
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func `base64 is decoded to the encoded bytes`(text: String) {
        #expect(Base64.decode(Base64.encode(text.utf8)) == Array(text.utf8))
    }

    @Test func `base64 follows RFC 4648`() {
        #expect(Base64.encode("fooba".utf8) == "Zm9vYmE=")
        #expect(Base64.decode("Zm9vYmE") == nil)
        #expect(Base64.decode("Zm9v Ymg") == nil)
        #expect(Base64.encodeURL([0xFB, 0xFF]) == "-_8")
    }

    @Test func `forms are read with plus signs and escapes`() {
        let fields = Percent.fields("scope=psn%3Amobile.v2.core+psn%3Aclientapp&empty=&bare")
        #expect(fields?.map(\.name) == ["scope", "empty", "bare"])
        #expect(fields?.map(\.value) == ["psn:mobile.v2.core psn:clientapp", "", ""])
        #expect(Percent.fields("a=%zz") == nil)
    }
}
