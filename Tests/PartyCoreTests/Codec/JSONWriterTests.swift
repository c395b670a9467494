import PartyCore
import PartyTestSupport
import Testing

struct JSONWriterTests {
    private static func line(_ body: (inout JSONWriter) -> Void) -> String {
        text(JSONWriter.text(body))
    }

    @Test func `keys are in the order of the calls, without spaces`() {
        let written = Self.line { json in
            json.object { json in
                json.field("b", "x/y")
                json.field("a", Int64.min)
                json.object("o") { json in json.field("t", true) }
                json.array("l", [1, 2]) { json, number in json.integer(number) }
                json.array("e", [Int64]()) { json, number in json.integer(number) }
                json.object("n") { _ in }
                json.key("u")
                json.unsigned(.max)
            }
        }
        #expect(
            written
                == #"{"b":"x/y","a":-9223372036854775808,"o":{"t":true},"l":[1,2],"e":[],"n":{},"u":18446744073709551615}"#
        )
    }

    @Test func `an unknown value is null`() {
        let written = Self.line { json in
            json.object { json in
                json.field("s", nil as String?)
                json.field("i", nil as Int64?)
                json.field("b", nil as Bool?)
                json.field("a", nil as AccountID?)
                json.field("t", nil as Timestamp?)
                json.field("r", raw: nil)
                json.field("f", false)
            }
        }
        #expect(written == #"{"s":null,"i":null,"b":null,"a":null,"t":null,"r":null,"f":false}"#)
    }

    @Test func `an account is a string and a time is RFC 3339`() {
        let written = Self.line { json in
            json.object { json in
                json.field("id", AccountID(.max))
                json.field("at", Timestamp(milliseconds: 1_700_000_000_123))
                json.field("z", 1)
            }
        }
        #expect(written == #"{"id":"18446744073709551615","at":"2023-11-14T22:13:20.123Z","z":1}"#)
    }

    @Test(arguments: [
        ("", ""), ("/", "/"), ("\"\\", #"\"\\"#), ("\n\r\t", #"\n\r\t"#),
        ("\u{0}\u{1}\u{8}\u{C}\u{1F}", #"\u0000\u0001\u0008\u000c\u001f"#),
        ("\u{7F}\u{E9}\u{1F600}\u{202E}", "\u{7F}\u{E9}\u{1F600}\u{202E}"), ("\r\n", #"\r\n"#),
    ])
    func `only necessary escapes are written`(_ string: String, _ escaped: String) {
        #expect(Self.line { $0.string(string) } == "\"" + escaped + "\"")
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1}"#), ("[1,\n 2]", "[1, 2]"), ("{\r\n}\n", "{}"), (#""\n""#, #""\n""#), ("1\n", "1"),
    ])
    func `a raw value is copied without its line breaks`(_ raw: String, _ expected: String) {
        let bytes = Array(("xx" + raw).utf8)
        let written = Self.line { json in
            json.object { json in
                json.field("r", raw: bytes.dropFirst(2))
                json.field("z", true)
            }
        }
        #expect(written == #"{"r":\#(expected),"z":true}"#)
    }

    @Test func `each line of a reused writer starts empty`() {
        var writer = JSONWriter()
        writer.array([1, 2] as [Int64]) { $0.integer($1) }
        writer.newline()
        writer.bool(false)
        #expect(text(writer.bytes) == "[1,2]\nfalse")
        writer.removeAll()
        writer.null()
        #expect(text(writer.bytes) == "null")
    }

    @Test func `any string survives writing and reading`() throws {
        var generator = SeededChance(seed: 11)
        for _ in 0..<1000 {
            let units = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: UInt32.random(in: 0..<0x30, using: &generator)
                case 1: UInt32.random(in: 0..<0x100, using: &generator)
                case 2: UInt32.random(in: 0..<0x1_0000, using: &generator)
                default: UInt32.random(in: 0..<0x11_0000, using: &generator)
                }
            }
            var string = ""
            string.unicodeScalars.append(contentsOf: units.compactMap(Unicode.Scalar.init))
            let written = JSONWriter.text { $0.string(string) }
            let read = try #require(try JSONDocument(written).root.string)
            #expect(Array(read.utf8) == Array(string.utf8))
        }
    }

    @Test func `any 64-bit number survives writing and reading`() throws {
        var generator = SeededChance(seed: 12)
        for _ in 0..<1000 {
            let number = generator.next()
            #expect(try JSONDocument(JSONWriter.text { $0.unsigned(number) }).root.unsigned == number)
            let signed = Int64(bitPattern: number)
            #expect(try JSONDocument(JSONWriter.text { $0.integer(signed) }).root.integer == signed)
        }
    }
}
