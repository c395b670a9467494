import PartyCore

/// Lays out the live roster as lines, for one terminal size and one time.
struct RosterScreen {
    let model: RosterModel
    let size: TerminalSize
    let now: Timestamp
    /// The latest notice, shown in the last line.
    var notice: String?
    /// The state of the recording; `nil` for a live stream.
    var recording: Recording?
    /// Formats a time.
    var time: @Sendable (Timestamp, _ now: Timestamp) -> String = { $0.localTime(on: $1) }

    /// Whether a recording still plays.
    enum Recording: Sendable {
        case running, over
    }

    /// At most as many lines as the terminal has rows.
    var lines: [ScreenLine] {
        let foot = notice.map { [ScreenLine($0, .changed)] } ?? []
        let head = head
        let room = max(0, size.rows - head.count - foot.count)
        let members = model.shown?.members ?? []
        // The roster has priority; a third of the room is reserved for recent events.
        let reserved = min(model.recentEvents.count + 1, room / 3)
        let roster = RosterTable(party: model.shown, me: model.me, columns: size.columns, time: { time($0, now) })
            .lines(atMost: room - reserved)
        let eventLines = eventLines(room - roster.count, isSeparate: !members.isEmpty)
        let body = head + roster + eventLines
        let gap = foot.isEmpty ? 0 : max(0, size.rows - body.count - foot.count)
        return Array((body + Array(repeating: ScreenLine(), count: gap) + foot).prefix(size.rows))
    }

    private var head: [ScreenLine] {
        let lines = [title] + (facts.map { [$0] } ?? []) + (model.shown.map { [ScreenLine($0.id.text, .faint)] } ?? [])
        // A terminal with few rows shows less of the head, to keep room for the roster.
        switch size.rows {
        case ..<4: return [title]
        case ..<10: return Array(lines.prefix(2))
        default: return lines + [ScreenLine()]
        }
    }

    private var title: ScreenLine {
        let health = health
        var line = ScreenLine()
        let room = size.columns - health.columns - 2
        if room >= 8 {
            line.add(name, columns: room, .strong)
            line.add("  ")
        }
        line.add(health.text, health.meaning)
        line.add(health.rest, .faint)
        return line
    }

    private var name: String {
        guard let party = model.shown else { return model.wanted == nil ? "Not in a party" : "No such party" }
        return party.name.flatMap { $0.isEmpty ? nil : $0 } ?? "Party without a name"
    }

    private var facts: ScreenLine? {
        guard let party = model.shown else {
            let words =
                model.wanted == nil
                ? "waiting until this account enters a party" : "the party has ended, or you cannot see it"
            return ScreenLine(words, .faint)
        }
        let isOutside = model.me.map { !party.hasMember($0) } ?? false
        let facts = [
            party.visibility?.word, "\(party.members.count) of \(party.maxMembers.map(String.init) ?? "?") members",
            isOutside ? "you are not in it" : nil,
            party.joinableBy.flatMap { $0.word == party.visibility?.word ? nil : "joinable by \($0.word)" },
            party.owner.map { "owner \($0.displayName)" },
            party.createdAt.map { "since \(time($0, now))" },
        ]
        return ScreenLine(facts.compactMap { $0 }.joined(separator: ", "))
    }

    private func eventLines(_ room: Int, isSeparate: Bool) -> [ScreenLine] {
        guard room > 1 else { return [] }
        let latest = model.recentEvents.suffix(room - (isSeparate ? 1 : 0))
        let lines = latest.map { event in
            var line = ScreenLine(time(event.time, now), .faint)
            line.add("  ")
            line.add(event.words.type, columns: EventWords.typeWidth, event.words.meaning)
            line.add("  " + event.words.words)
            return line
        }
        return (isSeparate && !lines.isEmpty ? [ScreenLine()] : []) + lines
    }
}

// MARK: - The stream

extension RosterScreen {
    private struct HealthWords {
        let text: String
        let meaning: Style.Meaning
        var rest = ""

        var columns: Int { (text + rest).displayed.columns }
    }

    private var health: HealthWords {
        switch (recording, model.health) {
        case (.over, _): HealthWords(text: "end of the recording", meaning: .strong)
        case (.running, .lost): HealthWords(text: "recording", meaning: .strong, rest: ", connection lost")
        case (.running, _): HealthWords(text: "recording", meaning: .strong)
        case (nil, .connecting): HealthWords(text: "connecting", meaning: .changed)
        case (nil, .connected): HealthWords(text: "connected", meaning: .good, rest: lastByte)
        case (nil, .lost(_, let retryAt)) where retryAt <= now:
            HealthWords(text: "reconnecting", meaning: .changed, rest: lastByte)
        case (nil, .lost(_, let retryAt)):
            HealthWords(
                text: "reconnecting in \((retryAt - now).wholeSeconds(roundedUp: true))", meaning: .changed,
                rest: lastByte)
        }
    }

    private var lastByte: String {
        model.lastByte.map { ", last byte \(max(.zero, now - $0).wholeSeconds(roundedUp: false)) ago" } ?? ""
    }
}

extension Duration {
    /// Like `3 s`, `5 min`, `2 h`.
    fileprivate func wholeSeconds(roundedUp: Bool) -> String {
        let seconds = inMilliseconds.addingToTheEnd(roundedUp ? 999 : 0) / 1000
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h"
        }
    }
}
