import PartyCore

/// Lays out the members of a party as lines of a screen. Names are never cut to make room: what does not fit beside a name
/// moves below it or is left out.
struct RosterTable {
    let party: PartySession?
    let me: AccountID?
    /// The width of the screen.
    let columns: Int
    /// Formats a time.
    let time: (Timestamp) -> String

    private static let gap = "  "
    /// A name takes at most this many lines.
    private static let nameLines = 3

    private struct Row {
        var hasVoice: Bool?
        var isMe = false
        var name: String
        var platform: String
        var joined: String
        var notes: String

        var voice: String { hasVoice.map { $0 ? "voice on" : "voice off" } ?? "" }
        var voiceMeaning: Style.Meaning { hasVoice == true ? .good : .faint }
        var nameMeaning: Style.Meaning? { isMe ? .strong : nil }

        /// A dot for the voice, so that it can be seen without reading.
        var mark: ScreenLine { ScreenLine(hasVoice == true ? "● " : "○ ", voiceMeaning) }
    }

    /// The columns that can be left out, least important first.
    private struct Shape {
        var platform = true
        var joined = true

        static let all = [Shape(), Shape(platform: false), Shape(platform: false, joined: false)]
    }

    /// The lines; if there is no room for all members, the last line says how many are missing.
    func lines(atMost room: Int) -> [ScreenLine] {
        let rows = (party?.members ?? []).map(row)
        guard !rows.isEmpty, room > 0 else { return [] }
        // One very long name does not change the form of the other rows.
        let isShort = rows.map { $0.name.columns <= max(24, columns / 3) }
        for shape in Shape.all where isShort.contains(true) {
            let table = table(rows, isShort, shape)
            if table.allSatisfy({ $0.columns <= columns }) {
                let lines = rows.indices.map { isShort[$0] ? [table[$0]] : card(rows[$0]) }
                return Self.fitted(lines, room)
            }
        }
        let cards = rows.map(card)
        if cards.reduce(0, { $0 + $1.count }) <= room { return cards.flatMap { $0 } }
        return Self.fitted(rows.map { name($0, isRoomy: false) }, room)
    }

    private static func fitted(_ members: [[ScreenLine]], _ room: Int) -> [ScreenLine] {
        let whole = members.flatMap { $0 }
        guard whole.count > room else { return whole }
        var (lines, shown) = ([ScreenLine](), 0)
        for member in members where lines.count + member.count < room {
            lines += member
            shown += 1
        }
        return lines + [ScreenLine("… and \(members.count - shown) more", .faint)]
    }

    private func row(_ member: Member) -> Row {
        let isMe = member.accountID == me
        let notes = [party?.owner.map(member.isSame) == true ? "owner" : nil, isMe ? "you" : nil]
        return Row(
            hasVoice: member.voice, isMe: isMe, name: member.displayName.displayed,
            platform: (member.platform?.word ?? "").displayed,
            joined: member.joinedAt.map { "since \(time($0))" } ?? "",
            notes: notes.compactMap { $0 }.joined(separator: ", "))
    }

    /// One line a member; an empty one for a name that is not short.
    private func table(_ rows: [Row], _ isShort: [Bool], _ shape: Shape) -> [ScreenLine] {
        let short = zip(rows, isShort).filter(\.1).map(\.0)
        func cells(_ row: Row) -> [(text: String, meaning: Style.Meaning?)] {
            [
                (row.name, row.nameMeaning), (shape.platform ? row.platform : "", .faint),
                (shape.joined ? row.joined : "", .faint), (row.voice, row.voiceMeaning), (row.notes, .faint),
            ]
        }
        let widths = (0..<5).map { column in short.map { cells($0)[column].text.columns }.max() ?? 0 }
        return zip(rows, isShort).map { row, isShort in
            guard isShort else { return ScreenLine() }
            var (line, end) = (row.mark, 2)
            for (cell, width) in zip(cells(row), widths) where width > 0 {
                if !cell.text.isEmpty {
                    line.pad(toColumns: end)
                    line.add(cell.text, cell.meaning)
                }
                end += width + Self.gap.count
            }
            return line
        }
    }

    /// The name, and the rest below it.
    private func card(_ row: Row) -> [ScreenLine] {
        let facts = [row.platform, row.joined, row.voice].filter { !$0.isEmpty }.joined(separator: ", ")
        guard !facts.isEmpty else { return name(row, isRoomy: true) }
        return name(row, isRoomy: true)
            + ScreenLine("  " + facts, .faint).wrapped(columns: columns, indent: 2, atMost: 2)
    }

    private func name(_ row: Row, isRoomy: Bool) -> [ScreenLine] {
        var line = ScreenLine(row.name, row.nameMeaning)
        if !row.notes.isEmpty, isRoomy || 2 + line.columns + Self.gap.count + row.notes.columns <= columns {
            line.add(Self.gap)
            line.add(row.notes, .faint)
        }
        return line.wrapped(columns: columns, after: row.mark, atMost: Self.nameLines)
    }
}

extension Member {
    /// Whether both are the same device; an unknown platform matches any.
    fileprivate func isSame(_ other: Member) -> Bool {
        accountID == other.accountID && (platform == nil || other.platform == nil || platform == other.platform)
    }
}
