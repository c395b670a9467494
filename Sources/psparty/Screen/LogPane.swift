import PartyCore

/// Lays out the log of a live roster: the newest entries at the end, or earlier ones after scrolling.
struct LogPane {
    let entries: [RosterModel.LogEntry]
    let columns: Int
    let rows: Int
    /// How far it is scrolled back, in entries.
    let scroll: Int
    /// Formats a time.
    let time: (Timestamp) -> String

    /// The furthest that the log can scroll back: the oldest entries fill the pane.
    var maximumScroll: Int {
        var (room, shown) = (rows, 0)
        for entry in entries {
            room -= lines(entry).count
            guard room >= 0 else { break }
            shown += 1
        }
        return entries.count - max(shown, min(1, entries.count))
    }

    /// The number of newer entries below the shown ones.
    var newer: Int { min(scroll, maximumScroll) }

    /// The number of entries that are shown.
    var page: Int { max(1, shown.count) }

    var lines: [ScreenLine] { shown.flatMap { $0 } }

    /// The lines of each entry that is shown: whole entries, or the start of one that is longer than the pane.
    private var shown: [[ScreenLine]] {
        guard rows > 0, let last = entries.dropLast(newer).last else { return [] }
        var (shown, room) = ([lines(last, atMost: rows)], rows)
        room -= shown[0].count
        for entry in entries.dropLast(newer + 1).reversed() {
            let lines = lines(entry)
            guard lines.count <= room else { break }
            shown.append(lines)
            room -= lines.count
        }
        return shown.reversed()
    }

    private func lines(_ entry: RosterModel.LogEntry, atMost limit: Int = 6) -> [ScreenLine] {
        let time = ScreenLine(time(entry.time) + "  ", .faint)
        var line = ScreenLine(entry.sentence.text, entry.sentence.meaning)
        if let party = entry.sentence.party { line.add("  [\(party)]", .faint) }
        return line.wrapped(columns: columns, after: time, atMost: min(6, limit))
    }
}
