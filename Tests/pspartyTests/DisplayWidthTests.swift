import Testing

@testable import psparty

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("party", 5), ("ｆｕｌｌ", 8), ("漢字", 4), ("カナ", 4), ("ｶﾅ", 2), ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("e\u{301}", 1), ("\u{5D0}\u{5B8}", 1), ("a\u{200D}b", 2), ("🎮", 2), ("👍🏽", 2), ("👨‍👩‍👧‍👦", 2), ("🏳️‍🌈", 2),
        ("❤️", 2), ("❤", 1), ("🇩🇪", 2), ("🇩🇪🇫🇷", 4), ("1️⃣", 2), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2), ("नि", 2), ("𠮷", 2), ("…", 1),
    ])
    func `a text has the width that a terminal gives it`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        ("party", 5, "party"), ("party", 4, "par…"), ("漢字漢字", 5, "漢字…"), ("漢字漢字", 4, "漢…"), ("👍🏽👍🏽", 3, "👍🏽…"),
    ])
    func `truncation falls between characters and never exceeds the width`(text: String, width: Int, shown: String) {
        #expect(text.cut(toColumns: width) == shown)
        #expect(shown.columns <= width)
    }

    @Test func `columns of a table are aligned for any content`() {
        let table = Table(header: ["NAME", "N"], rows: [["漢字", "1"], ["👍🏽 ok", "2"], ["e\u{301}", "3"]])
        let lines = table.text(Style(true, .never, [:])).split(separator: "\n")
        #expect(lines == ["NAME   N", "漢字   1", "👍🏽 ok  2", "e\u{301}      3"])
    }

    @Test func `a narrow terminal truncates names, never ids, and a pipe gets everything`() {
        let name = String(repeating: "長い", count: 20)
        let table = Table(header: ["ID", "NAME", "N"], rows: [["0123456789", name, "1"]])
        let narrow = table.text(Style(true, .never, [:], columns: 30)).split(separator: "\n")
        // The id stands on a line of its own before a name is cut.
        #expect(narrow.map { String($0).columns }.max() == 30)
        #expect(narrow.contains { $0.contains("0123456789") } && narrow.contains { $0.contains("…") })
        #expect(table.text(Style(true, .never, ["COLUMNS": "30"])) == table.text(Style(true, .never, [:], columns: 30)))
        #expect(table.text(Style(true, .never, [:], columns: 1)).contains("0123456789\n  長い長…   1"))
        for style in [Style(false, .never, ["COLUMNS": "30"]), Style(true, .never, [:])] {
            #expect(table.text(style).contains(name))
        }
    }
}
