import PartyCore

extension RosterScreen {
    /// The last line: the most useful keys.
    var keys: ScreenLine {
        guard let view else { return ScreenLine("Ctrl-C quits", .faint) }
        let help = view.showsHelp ? "any key closes this" : "? help"
        let scroll = view.showsHelp || model.log.isEmpty ? [] : ["↑↓ scroll"]
        let words = (["q quit", help] + scroll).joined(separator: "   ")
        return ScreenLine(words.columns <= size.columns ? words : "q quit  ? help", .faint)
    }

    var help: [ScreenLine] {
        func line(_ key: String, _ words: String) -> ScreenLine {
            var line = ScreenLine(key.padded(toColumns: 14), .strong)
            line.add(words)
            return line
        }
        let party = model.shown.map { [line("party", $0.id.text)] } ?? []
        let life = model.lastByte.map { [line("last message", "\(max(.zero, now - $0).inWholeUnits) ago")] } ?? []
        return
            [
                line("q, Ctrl-C", "quit"), line("↑ ↓", "scroll the log; the mouse wheel in most terminals"),
                line("PgUp PgDn", "scroll the log by a page"), line("Home End", "oldest and newest entry"),
                line("Ctrl-L", "draw the screen again"), ScreenLine(), line("● ○", "voice on, voice off"),
            ] + party + life
    }
}

extension Duration {
    /// Like `3 s`, `5 min`, `2 h`.
    fileprivate var inWholeUnits: String {
        let seconds = inMilliseconds / 1000
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h"
        }
    }
}
