import PartyCore

/// The live roster as lines, for one size of terminal and one moment.
struct RosterScreen {
    let board: RosterBoard
    let size: TerminalSize
    let now: Timestamp
    /// What is said at the foot; the last of what people should know beside the roster.
    var note: String?
    /// Whether a recording is shown, and if so whether it is over.
    var recording: Recording?
    /// How a moment is written.
    var time: @Sendable (Timestamp, _ now: Timestamp) -> String = { $0.localTime(on: $1) }

    /// How far a recording is.
    enum Recording: Sendable {
        case running, over
    }

    /// As many as the terminal has rows, at most.
    var lines: [ScreenLine] {
        let foot = note.map { [ScreenLine($0, .changed)] } ?? []
        let head = head
        let room = max(0, size.rows - head.count - foot.count)
        let members = board.shown?.members ?? []
        // The roster comes first; a third is kept for what happened.
        let reserved = min(board.happenings.count + 1, room / 3)
        let roster = RosterTable(party: board.shown, me: board.me, columns: size.columns, time: { time($0, now) })
            .lines(atMost: room - reserved)
        let happened = happened(room - roster.count, isSeparate: !members.isEmpty)
        let body = head + roster + happened
        let gap = foot.isEmpty ? 0 : max(0, size.rows - body.count - foot.count)
        return Array((body + Array(repeating: ScreenLine(), count: gap) + foot).prefix(size.rows))
    }

    private var head: [ScreenLine] {
        let lines = [title] + (facts.map { [$0] } ?? []) + (board.shown.map { [ScreenLine($0.id.text, .faint)] } ?? [])
        // On a low terminal the roster is worth more.
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
        guard let party = board.shown else { return board.wanted == nil ? "In no party" : "No such party" }
        return party.name.flatMap { $0.isEmpty ? nil : $0 } ?? "Party without a name"
    }

    private var facts: ScreenLine? {
        guard let party = board.shown else {
            let words =
                board.wanted == nil ? "waiting for the next one this account enters" : "it has ended, or cannot be seen"
            return ScreenLine(words, .faint)
        }
        let isOutside = board.me.map { !party.hasMember($0) } ?? false
        let facts = [
            party.visibility?.word, "\(party.members.count) of \(party.maxMembers.map(String.init) ?? "?") members",
            isOutside ? "you are not in it" : nil,
            party.joinableBy.flatMap { $0.word == party.visibility?.word ? nil : "joinable by \($0.word)" },
            party.owner.map { "owner \($0.displayName)" },
            party.createdAt.map { "since \(time($0, now))" },
        ]
        return ScreenLine(facts.compactMap { $0 }.joined(separator: ", "))
    }

    private func happened(_ room: Int, isSeparate: Bool) -> [ScreenLine] {
        guard room > 1 else { return [] }
        let latest = board.happenings.suffix(room - (isSeparate ? 1 : 0))
        let lines = latest.map { happening in
            var line = ScreenLine(time(happening.time, now), .faint)
            line.add("  ")
            line.add(happening.words.type, columns: EventWords.typeWidth, happening.words.meaning)
            line.add("  " + happening.words.words)
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
        switch (recording, board.health) {
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
        board.lastByte.map { ", last byte \(max(.zero, now - $0).wholeSeconds(roundedUp: false)) ago" } ?? ""
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
