import PartyCore

/// Lays out the members of a party as lines of a screen.
struct RosterTable {
    let party: PartySession?
    let me: AccountID?
    /// The width of the screen.
    let columns: Int
    /// Formats a time.
    let time: (Timestamp) -> String

    private static let gap = "  "
    /// The least width of a truncated name.
    private static let leastName = 8

    private struct Row {
        var name = "MEMBER"
        var platform = "PLATFORM"
        var joined = "JOINED"
        var voice = "VOICE"
        var notes = ""
        var meaning: Style.Meaning? = .strong
        var voiceMeaning: Style.Meaning? = .strong
    }

    private struct Widths {
        var name = 0
        var platform = 0
        var joined = 0
        var voice = 0
    }

    /// A header and one line a member. If there is no room for all, the last line says how many are missing.
    func lines(atMost room: Int) -> [ScreenLine] {
        let members = (party?.members ?? []).map(row)
        guard !members.isEmpty, room > 0 else { return [] }
        let header = room > 2 ? [Row()] : []
        let places = room - header.count
        let shown = members.count <= places ? members[...] : members.prefix(places - 1)
        let widths = widths(of: [Row()] + members)
        let rest = members.count - shown.count
        return (header + shown).map { line($0, widths) } + (rest > 0 ? [ScreenLine("… and \(rest) more", .faint)] : [])
    }

    private func row(_ member: Member) -> Row {
        let isMe = member.accountID == me
        let notes = [party?.owner.map(member.isSame) == true ? "owner" : nil, isMe ? "you" : nil]
        return Row(
            name: member.displayName.displayed, platform: (member.platform?.rawValue ?? "").displayed,
            joined: member.joinedAt.map(time) ?? "", voice: member.voice.map { $0 ? "on" : "off" } ?? "",
            notes: notes.compactMap { $0 }.joined(separator: ", "), meaning: isMe ? .strong : nil,
            voiceMeaning: member.voice == true ? .good : .faint)
    }

    private func widths(of rows: [Row]) -> Widths {
        func widest(_ cell: KeyPath<Row, String>) -> Int { rows.map { $0[keyPath: cell].columns }.max() ?? 0 }
        var widths = Widths(
            name: widest(\.name), platform: widest(\.platform), joined: widest(\.joined), voice: widest(\.voice))
        let others = widths.joined + widths.voice + 3 * Self.gap.count
        // On a narrow terminal, names have priority over platforms.
        if widths.name + widths.platform + others + Self.gap.count > columns { widths.platform = 0 }
        widths.name = max(min(widths.name, Self.leastName), min(widths.name, columns - others))
        return widths
    }

    private func line(_ row: Row, _ widths: Widths) -> ScreenLine {
        var line = ScreenLine()
        let cells = [
            (row.name, widths.name, row.meaning), (row.platform, widths.platform, row.meaning),
            (row.joined, widths.joined, row.meaning), (row.voice, widths.voice, row.voiceMeaning),
        ]
        for (text, width, meaning) in cells where width > 0 {
            line.add(text, columns: width, meaning)
            line.add(Self.gap)
        }
        line.add(row.notes, row.meaning)
        return line
    }
}

extension Member {
    /// Whether both are the same device; an unknown platform matches any.
    fileprivate func isSame(_ other: Member) -> Bool {
        accountID == other.accountID && (platform == nil || other.platform == nil || platform == other.platform)
    }
}
