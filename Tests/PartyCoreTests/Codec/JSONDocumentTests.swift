import PartyCore
import Testing

struct JSONDocumentTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "10", "-1.5", "1e5", "1E+5", "1.25e-3", "\"\"", "[]", "{}",
        " \t\r\n1 \t\r\n",
        "[1,2,[3,{\"a\":[]}]]", "{\"a\":1,\"a\":2}", "{ \"a\" : 1 , \"b\" : [ ] }", "[\n]", "{\r}",
        #""\"\\\/\b\f\n\r\t\u0000\uD83D\uDE00\ud83d""#, "\"\u{7F}\u{80}\u{FFFF}\u{10FFFF}\"",
        "18446744073709551616", "1e999", "-0.0e-0",
    ])
    func `a text of RFC 8259 is read`(_ text: String) throws {
        let document = try JSONDocument(Array(text.utf8))
        #expect(document.bytes == Array(text.utf8))
    }

    @Test(
        arguments: [
            ("", 0), (" ", 1), ("nul", 3), ("nulL", 3), ("True", 0), ("tru ", 3), ("falsy", 4), ("NaN", 0),
            ("Infinity", 0),
            ("-", 1), ("-a", 1), ("+1", 0), (".5", 0), ("1.", 2), ("1.e5", 2), ("1e", 2), ("1e+", 3), ("01", 1),
            ("-01", 2), ("0123", 1), ("0x10", 1), ("1 2", 2), ("[]]", 2), ("{}x", 2), ("null,", 4),
            ("\u{FEFF}\u{FEFF}1", 3),
            ("[", 1), ("[1", 2), ("[1,", 3), ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3), ("[1}", 2), ("]", 0),
            ("{", 1), ("{\"a\"", 4), ("{\"a\":", 5), ("{\"a\":1", 6), ("{\"a\":1,", 7), ("{\"a\":1,}", 7),
            ("{a:1}", 1), ("{1:1}", 1), ("{\"a\" 1}", 5), ("{\"a\":}", 5), ("{,}", 1), ("{\"a\":1 \"b\":2}", 7),
            ("'a'", 0), ("\"", 1), ("\"a", 2), ("\"\\", 1), ("\"\\\"", 3), ("\"\\x\"", 1), ("\"\\u12\"", 1),
            ("\"\\u12g4\"", 1), ("\"\\u", 1), ("\"\\u0041", 7), ("\"\\U0041\"", 1), ("\"a\u{0}\"", 2),
            ("\"a\u{1F}\"", 2),
            ("\"\n\"", 1), ("\"\t\"", 1), ("// c\n1", 0), ("1//", 1), ("\u{0}", 0), ("1\u{0}", 1), ("\u{A0}1", 0),
            ("\u{B}1", 0),
        ] as [(String, Int)])
    func `a text that is not JSON is refused at its first invalid byte`(_ text: String, _ offset: Int) {
        let error = #expect(throws: CodecError.self) { try JSONDocument(Array(text.utf8)) }
        #expect(error?.offset == offset, "\(error?.description ?? "")")
    }

    @Test(
        arguments: [
            [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xEC, 0xBF, 0xBF], [0xED, 0x80, 0x80], [0xED, 0x9F, 0xBF],
            [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF3, 0xBF, 0xBF, 0xBF],
            [0xF4, 0x8F, 0xBF, 0xBF],
        ] as [[UInt8]])
    func `a well-formed UTF-8 sequence is read`(_ sequence: [UInt8]) throws {
        let view = try JSONDocument([0x22] + sequence + [0x22]).root
        #expect(view.string.map { Array($0.utf8) } == sequence)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x7F], [0xC2, 0xC0], [0xE0, 0x9F, 0xBF],
            [0xE0, 0xA0],
            [0xE1, 0x80], [0xE1, 0x80, 0x7F], [0xE1, 0x7F, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80], [0xF1, 0x80, 0x80, 0x7F], [0xF1, 0x80, 0x7F, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func `an ill-formed UTF-8 sequence is refused at its start`(_ sequence: [UInt8]) {
        for tail in [[0x22], []] as [[UInt8]] {
            let error = #expect(throws: CodecError.self) { try JSONDocument([0x22, 0x61] + sequence + tail) }
            #expect(error == CodecError("not UTF-8", at: 2))
        }
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func `128 levels are read and 129 are refused`(_ opening: String, _ closing: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)).utf8)
        }
        _ = try JSONDocument(nested(128))
        let error = #expect(throws: CodecError.self) { try JSONDocument(nested(129)) }
        #expect(error?.offset == 128 * opening.utf8.count)
        // Nesting deeper than any stack must be refused without recursion.
        let bottomless = #expect(throws: CodecError.self) { try JSONDocument(nested(200_000)) }
        #expect(bottomless?.offset == 128 * opening.utf8.count)
    }

    @Test(
        arguments: [
            ("1000000000000000001", 1_000_000_000_000_000_001), ("9007199254740993001", 9_007_199_254_740_993_001),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil), ("0", 0),
            ("-0", 0),
            ("1.0", nil), ("1e3", nil), ("\"17\"", 17), ("\"1000000000000000001\"", 1_000_000_000_000_000_001),
            ("\"-5\"", -5), ("\"\"", nil), ("\" 1\"", nil), ("\"1.0\"", nil), ("\"0x1\"", nil), ("\"+5\"", nil),
            (#""\u0031\u0037""#, 17), ("true", nil), ("null", nil), ("[1]", nil), ("{}", nil),
        ] as [(String, Int64?)])
    func `a signed number is read exactly or not at all`(_ text: String, _ number: Int64?) throws {
        #expect(try json(text).integer == number)
    }

    @Test(
        arguments: [
            ("1000000000000000001", 1_000_000_000_000_000_001), ("9007199254740993001", 9_007_199_254_740_993_001),
            ("18446744073709551615", .max), ("18446744073709551616", nil), ("\"18446744073709551615\"", .max),
            ("-1", nil),
            ("\"-1\"", nil), ("\"+1\"", nil), ("1.5", nil), ("1E1", nil), ("0", 0),
        ] as [(String, UInt64?)])
    func `an unsigned number is read exactly or not at all`(_ text: String, _ number: UInt64?) throws {
        #expect(try json(text).unsigned == number)
    }

    @Test func `the first of two JSON members with one name counts, and both are listed`() throws {
        let root = try json(#"{"a":1,"b":[{}],"a":2}"#)
        #expect(root["a"]?.integer == 1)
        #expect(root.members.map(\.key) == ["a", "b", "a"])
        #expect(root.members.map { text($0.value.source) } == ["1", "[{}]", "2"])
    }

    @Test func `a member is found behind nested ones, and only at its level`() throws {
        let root = try json(#"{"x":{"deep":1,"y":[{"deep":2}]},"deep":3,"z":[[],{}]}"#)
        #expect(root["deep"]?.integer == 3)
        #expect(root["x"]?["y"]?.elements.first?["deep"]?.integer == 2)
        #expect(root["y"] == nil)
        #expect(root["z"]?.elements.map { text($0.source) } == ["[]", "{}"])
    }

    @Test func `an escaped key is found by its unescaped name`() throws {
        let root = try json(#"{"\u0061b\/\"":1,"c\\":2}"#)
        #expect(root["ab/\""]?.integer == 1)
        #expect(root["c\\"]?.integer == 2)
        #expect(root.members.map(\.key) == ["ab/\"", "c\\"])
    }

    @Test(arguments: [(#"{"\u212A":1}"#, "K"), (#"{"e\u0301":1}"#, "\u{E9}"), ("{\"\u{212A}\":1}", "K")])
    func `a key with other code points is another key`(_ source: String, _ name: String) throws {
        #expect(try json(source)[name] == nil)
    }

    @Test(arguments: [
        (#""\ud83d\ude00""#, "\u{1F600}"), (#""\uD83D\uDE00x""#, "\u{1F600}x"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\ud83dx\ude00""#, "\u{FFFD}x\u{FFFD}"),
        (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"), (#""\u0000a""#, "\u{0}a"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC""#, "\u{E9}\u{20AC}"),
        ("\"\u{1F600}\\n\u{E9}\"", "\u{1F600}\n\u{E9}"), (#""plain/""#, "plain/"), (#""""#, ""),
    ])
    func `escapes are resolved and a lone surrogate becomes U+FFFD`(_ source: String, _ expected: String) throws {
        let string = try #require(try json(source).string)
        #expect(Array(string.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func `a value of another type is nil`() throws {
        let root = try json(#"{"s":"x","n":1,"b":true,"z":null,"a":[1],"o":{}}"#)
        #expect(root["n"]?.string == nil)
        #expect(root["s"]?.bool == nil)
        #expect(root["b"]?.bool == true)
        #expect(root["b"]?.integer == nil)
        #expect(root["z"] == nil)
        #expect(try json("null").isNull)
        #expect(root["s"]?.isNull == false)
        #expect(root["o"]?.isObject == true)
        #expect(root["a"]?.isObject == false)
        #expect(root["a"]?["x"] == nil)
        #expect(root["o"]?.elements.isEmpty == true)
        #expect(root["a"]?.members.isEmpty == true)
        #expect(root["missing"] == nil)
    }

    @Test func `a value keeps its bytes`() throws {
        let root = try json("{\"a\" : [ 1 , \"\\u0041\" ] , \"b\":1.50e+1}")
        #expect(root["a"].map { text($0.source) } == "[ 1 , \"\\u0041\" ]")
        #expect(root["b"].map { text($0.source) } == "1.50e+1")
    }

    @Test func `an error names problem and byte`() {
        #expect(CodecError("not UTF-8", at: 7).description == "not UTF-8 (byte 7)")
    }
}
