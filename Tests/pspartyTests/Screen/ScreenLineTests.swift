import Testing

@testable import psparty

@Suite struct ScreenLineTests {
    private static func wrapped(_ text: String, _ columns: Int, indent: Int = 0, atMost limit: Int = .max) -> [String] {
        ScreenLine(text).wrapped(columns: columns, indent: indent, atMost: limit)
            .map { $0.text(Style(false, .never, [:]), columns: 1000) }
    }

    @Test func `lines break at spaces, long words anywhere`() {
        #expect(Self.wrapped("bob joined the party", 10) == ["bob joined", "the party"])
        #expect(Self.wrapped("bob joined the party", 11, indent: 2) == ["bob joined", "  the party"])
        #expect(Self.wrapped("psparty-user-a", 5) == ["pspar", "ty-us", "er-a"])
        #expect(Self.wrapped("a psparty-user", 5) == ["a", "pspar", "ty-us", "er"])
        #expect(Self.wrapped("short", 10) == ["short"])
        #expect(Self.wrapped("漢字漢字", 5) == ["漢字", "漢字"])
        #expect(Self.wrapped("漢字", 1) == ["漢", "字"])
    }

    @Test func `of too many lines the last says that something is missing`() {
        #expect(Self.wrapped("one two three four", 5, atMost: 2) == ["one", "two …"])
        #expect(Self.wrapped("one two", 3, atMost: 0) == [])
    }

    @Test func `meanings stay with their words`() {
        var line = ScreenLine("12:00  ", .faint)
        line.add("bob joined", .good)
        let lines = line.wrapped(columns: 14, indent: 7).map { $0.text(Style(true, .always, [:]), columns: 14) }
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("\u{1B}[2m12:00") && lines[0].contains("\u{1B}[32mbob"))
        #expect(lines[1].hasPrefix("       \u{1B}[32mjoined"))
    }
}
