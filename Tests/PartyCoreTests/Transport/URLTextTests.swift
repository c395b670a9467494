import PartyCore
import PartyTestSupport
import Testing

struct URLTextTests {
    @Test(arguments: [
        ("", ""), ("AZaz09-._~", "AZaz09-._~"), (" ", "%20"), ("+", "%2B"), ("/", "%2F"), ("&=?#", "%26%3D%3F%23"),
        ("%", "%25"),
        ("\u{E9}", "%C3%A9"), ("\u{1F600}", "%F0%9F%98%80"), ("a\r\nb", "a%0D%0Ab"), ("psn:x y", "psn%3Ax%20y"),
        ("\u{0}", "%00"),
    ])
    func `all but unreserved characters are encoded`(_ text: String, _ encoded: String) {
        #expect(URLText.encode(text) == encoded)
    }

    @Test func `fields are joined in their order`() {
        #expect(URLText.query([("b", "1 2"), ("a", "x&y"), ("", ""), ("b", "3")]) == "b=1%202&a=x%26y&=&b=3")
        #expect(URLText.query([]) == "")
    }

    @Test(
        arguments: [
            ("x://y", []), ("x://y?", []), ("x://y?a=1", ["a", "1"]), ("x://y/?a=1&b=2", ["a", "1", "b", "2"]),
            ("x://y?a=1&a=2", ["a", "1", "a", "2"]), ("x://y?a", ["a", ""]), ("x://y?a=", ["a", ""]),
            ("x://y?=1", ["", "1"]),
            ("x://y?a=1#f?b=2", ["a", "1"]), ("x://y?a=b=c", ["a", "b=c"]), ("x://y?a=1&&b=2", ["a", "1", "b", "2"]),
            ("?a=x+y%20z%2b", ["a", "x y z+"]), ("?%61=%C3%A9", ["a", "\u{E9}"]), ("?a=%", ["a", "%"]),
            ("?a=%4", ["a", "%4"]),
            ("?a=%41", ["a", "A"]), ("?a=%zz%41", ["a", "%zzA"]), ("?a=%FF", ["a", "\u{FFFD}"]),
            ("?a=%+5", ["a", "% 5"]),
            ("?a=%-0", ["a", "%-0"]), ("x://y#?a=1", []),
            ("com.example://redirect/?code=v3.AbCdEf&cid=c&cid=d", ["code", "v3.AbCdEf", "cid", "c", "cid", "d"]),
        ] as [(String, [String])])
    func `the query of a URL is read in its order`(_ url: String, _ fields: [String]) {
        #expect(URLText.queryFields(of: url).flatMap { [$0.name, $0.value] } == fields)
    }

    @Test(
        arguments: [
            ("x://y#a=1&b=2", ["a", "1", "b", "2"]), ("x://y?a=1#?b=2", ["b", "2"]), ("x://y#/?b=%41", ["b", "A"]),
            ("x://y?a=1", []), ("x://y#", []), ("x://y#_=_", ["_", "_"]),
        ] as [(String, [String])])
    func `the fields of a fragment are read as those of a query`(_ url: String, _ fields: [String]) {
        #expect(URLText.fragmentFields(of: url).flatMap { [$0.name, $0.value] } == fields)
    }

    @Test func `any text survives encoding in a query`() {
        var generator = SeededChance(seed: 5)
        for _ in 0..<300 {
            var value = ""
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                value.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: .min ... .max, using: &generator)))
            }
            let url = "https://192.0.2.1/x?" + URLText.query([(value, value)])
            let fields = URLText.queryFields(of: url)
            #expect(fields.map { Array($0.name.utf8) } == [Array(value.utf8)])
            #expect(fields.map { Array($0.value.utf8) } == [Array(value.utf8)])
        }
    }

    @Test(arguments: ["Location", "location", "LOCATION", "lOcAtIoN"])
    func `a header of a response is found in any case, the first of its name`(_ name: String) {
        let headers = [HeaderField("X", "0"), HeaderField("LoCation", "1"), HeaderField("Location", "2")]
        #expect(RESTResponse(status: 302, headers: headers).header(name) == "1")
        #expect(RESTResponse(status: 302, headers: headers).header("Locatio") == nil)
    }

    @Test(
        arguments: [
            (.preparing, false), (.lookup, false), (.connecting, false), (.handshake, false), (.exchange, true),
        ] as [(TransportError.Phase, Bool)])
    func `a request may have arrived only after a failure of the exchange`(
        _ phase: TransportError.Phase, _ mayHave: Bool
    ) {
        #expect(TransportError(.timedOut, phase, "x").mayHaveArrived == mayHave)
    }
}
