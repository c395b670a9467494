import PartyCore

/// Lays out the live roster as lines, for one terminal size and one time.
struct RosterScreen {
    let model: RosterModel
    let size: TerminalSize
    let now: Timestamp
    /// The latest notice, shown above the keys.
    var notice: String?
    /// The state of the recording; `nil` for a live stream.
    var recording: Recording?
    /// What the keys have changed; `nil` if standard input is not the terminal.
    var view: View? = View()
    /// How to call psparty.
    var invocation = Invocation(profile: nil, server: nil)
    /// Formats a time.
    var time: @Sendable (Timestamp, _ now: Timestamp) -> String = { $0.localTime(on: $1) }
    /// Formats a time without seconds.
    var minute: @Sendable (Timestamp, _ now: Timestamp) -> String = { $0.localMinute(on: $1) }

    /// Whether a recording still plays.
    enum Recording: Sendable {
        case running, over
    }

    /// What the keys change.
    struct View: Sendable, Equatable {
        /// How far the log is scrolled back, in entries.
        var scroll = 0
        var showsHelp = false
    }

    /// From this width on the log stands beside the roster.
    private static let wide = 120
    private static let shownInvitations = 3

    /// At most as many lines as the terminal has rows.
    var lines: [ScreenLine] {
        let foot = foot
        let room = max(0, size.rows - foot.count)
        let body = view?.showsHelp == true ? help : self.body(room)
        let shown = body.prefix(room)
        let gap = foot.isEmpty ? 0 : room - shown.count
        return Array((shown + Array(repeating: ScreenLine(), count: gap) + foot).prefix(size.rows))
    }

    /// The part of the screen that shows the log.
    var logPane: LogPane {
        layout(max(0, size.rows - foot.count)).log
    }

    private func body(_ room: Int) -> [ScreenLine] {
        let layout = layout(room)
        let log = layout.log.lines
        guard layout.isWide else {
            let rule = layout.log.rows > 0 && !log.isEmpty ? layout.separator : []
            return layout.head + layout.party + rule + log
        }
        let rows = max(layout.party.count, log.count)
        let panes = (0..<rows).map { row in
            var line = row < layout.party.count ? layout.party[row] : ScreenLine()
            line.pad(toColumns: size.columns - layout.log.columns - 3)
            line.add(" │ ", .faint)
            if row < log.count { line.add(log[row]) }
            return line
        }
        return layout.head + (log.isEmpty ? layout.party : panes)
    }
}

// MARK: - Layout

extension RosterScreen {
    private struct Layout {
        var head: [ScreenLine]
        /// The members and the invitations.
        var party: [ScreenLine]
        /// Between the party and a log below it.
        var separator: [ScreenLine] = []
        var log: LogPane
        var isWide = false
    }

    private func layout(_ room: Int) -> Layout {
        let head = Array(head.prefix(room))
        let room = room - head.count
        if size.columns >= Self.wide {
            // The least width at which nothing of the party is left out, at most half of the screen.
            let half = size.columns / 2
            let party = party(room, columns: half)
            let width = max(36, party.map(\.columns).max() ?? 0)
            return Layout(
                head: head, party: party, log: log(rows: room, columns: size.columns - width - 3), isWide: true)
        }
        let wanted = log(rows: room, columns: size.columns).lines.count
        let gap = room < 8 || wanted == 0 ? 0 : 2
        let reserved = room < 4 ? 0 : min(wanted + gap, max(room / 3, 2))
        let party = party(room - reserved, columns: size.columns)
        let log = log(rows: max(0, room - party.count - gap), columns: size.columns)
        return Layout(head: head, party: party, separator: gap == 0 ? [] : separator(log.newer), log: log)
    }

    private func log(rows: Int, columns: Int) -> LogPane {
        LogPane(
            entries: model.log, columns: columns, rows: rows, scroll: view?.scroll ?? 0, time: { time($0, now) })
    }

    private func party(_ room: Int, columns: Int) -> [ScreenLine] {
        let invitations = invitations(columns, atMost: max(room / 3, min(room, 1)))
        let roster = RosterTable(
            party: model.shown, me: model.me, columns: columns, time: { minute($0, now) }
        ).lines(atMost: room - invitations.count)
        let gap = !roster.isEmpty && !invitations.isEmpty && roster.count + invitations.count < room
        return roster + (gap ? [ScreenLine()] : []) + invitations
    }

    private func separator(_ newer: Int) -> [ScreenLine] {
        let title = newer > 0 ? "── \(newer) newer below " : "──"
        return [
            ScreenLine(),
            ScreenLine(title + String(repeating: "─", count: max(0, size.columns - title.columns)), .faint),
        ]
    }

    /// The newest invitations with the command that accepts each.
    private func invitations(_ columns: Int, atMost room: Int) -> [ScreenLine] {
        let pending = model.invitations
        guard !pending.isEmpty, room > 0 else { return [] }
        var lines: [ScreenLine] = []
        for (index, invitation) in pending.enumerated() {
            let entry = self.entry(invitation, columns)
            let isLast = index == pending.count - 1
            guard index < Self.shownInvitations, lines.count + entry.count + (isLast ? 0 : 1) <= room else {
                let rest = pending.count - index
                let more = index == 0 ? "\(rest) pending invitations" : "… and \(rest) more invitations"
                return lines + [ScreenLine(rest == 1 && index == 0 ? "a pending invitation" : more, .good)]
            }
            lines += entry
        }
        return lines
    }

    private func entry(_ invitation: Invitation, _ columns: Int) -> [ScreenLine] {
        let inviter = invitation.from?.displayName ?? "a user without a name"
        let party = invitation.name.flatMap { $0.isEmpty ? nil : "\"\($0)\"" } ?? "a party"
        let words = invitation.from.map { "join --from \($0.displayName.displayed.shellWord)" }
        let command = invocation.command(words ?? "join \(invitation.partyID.text.displayed.shellWord)")
        var line = ScreenLine("\(inviter) invites you to \(party)", .good)
        guard line.columns + 2 + command.columns > columns else {
            line.add("  " + command, .faint)
            return [line]
        }
        return line.wrapped(columns: columns, indent: 2, atMost: 2)
            + ScreenLine("  " + command, .faint).wrapped(columns: columns, indent: 2, atMost: 2)
    }
}

// MARK: - Head and foot

extension RosterScreen {
    private var head: [ScreenLine] {
        let isLow = size.rows < 12
        var lines = title(isLow)
        if case .lost(_, let reason, _) = model.health, recording == nil, !isLow {
            lines += ScreenLine(reason, .changed).wrapped(columns: size.columns, atMost: 2)
        }
        if size.rows >= 6 { lines += facts.wrapped(columns: size.columns, atMost: isLow ? 1 : 2) }
        return size.rows < 12 ? lines : lines + [ScreenLine()]
    }

    private func title(_ isLow: Bool) -> [ScreenLine] {
        let name = ScreenLine(name, .strong)
        let health = health(isShort: false).columns <= size.columns ? health(isShort: false) : health(isShort: true)
        guard name.columns + 2 + health.columns > size.columns else {
            var line = name
            line.pad(toColumns: size.columns - health.columns)
            line.add(health)
            return [line]
        }
        let states = health.wrapped(columns: size.columns, atMost: isLow ? 1 : 2)
        guard size.rows > 3 else { return states }
        return name.wrapped(columns: size.columns, atMost: isLow ? 1 : 3) + states
    }

    private var name: String {
        guard let party = model.shown else { return model.wanted == nil ? "Not in a party" : "No such party" }
        return party.name.flatMap { $0.isEmpty ? nil : $0 } ?? "Party without a name"
    }

    private var facts: ScreenLine {
        guard let party = model.shown else {
            let words =
                model.wanted == nil
                ? "waiting until you enter a party" : "the party has ended, or you cannot see it"
            return ScreenLine(words, .faint)
        }
        let isOutside = model.me.map { !party.hasMember($0) } ?? false
        let facts = [
            isOutside ? "you are not in it" : nil,
            "\(party.members.count) of \(party.maxMembers.map(String.init) ?? "?") members",
            party.visibility?.word,
            party.joinableBy.flatMap { $0.word == party.visibility?.word ? nil : "open to \($0.word)" },
            party.createdAt.map { "since \(minute($0, now))" },
        ]
        return ScreenLine(facts.compactMap { $0 }.joined(separator: " · "), .faint)
    }

    private var foot: [ScreenLine] {
        guard size.rows >= 4 else { return [] }
        let notices = notice.map { ScreenLine($0, .changed).wrapped(columns: size.columns, atMost: 2) } ?? []
        return (size.rows < 8 ? [] : notices) + [keys]
    }
}

// MARK: - The stream

extension RosterScreen {
    private func health(isShort: Bool) -> ScreenLine {
        switch (recording, model.health) {
        case (.over, _): return ScreenLine("end of the recording", .strong)
        case (.running, .lost): return ScreenLine("recording, connection lost", .strong)
        case (.running, _): return ScreenLine("recording", .strong)
        case (nil, .connecting): return ScreenLine("● connecting", .changed)
        case (nil, .connected): return ScreenLine("● connected", .good)
        case (nil, .lost(let since, _, let retryAt)):
            let at = isShort ? "" : "at "
            let next = retryAt <= now ? "trying now" : "next try \(at)\(time(retryAt, now))"
            return ScreenLine("● lost \(isShort ? "" : "since ")\(time(since, now)), \(next)", .gone)
        }
    }
}
