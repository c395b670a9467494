extension PartyState {
    /// Takes what the service tells of a party session for the truth, and returns the events that would have told of the
    /// difference. What the service leaves out differs in nothing.
    /// - Parameter party: `nil` where the service shows none to us: it has ended, as far as we can know.
    /// - Parameter me: our own account, where it is known. That one of our devices was joined again is no departure.
    package mutating func adopt(_ party: PartySession?, as id: PartyID, me: AccountID? = nil) -> [PartyEvent] {
        let known = parties[id]
        guard let party else {
            guard let known else { return [] }
            forget(id)
            return [PartyEvent(kind: .partyDeleted, partyID: id, members: known.members)]
        }
        var told = known.map { $0.merging(party) } ?? party
        told.id = id
        replace(told)
        return told.differences(from: known, me: me)
    }

    /// Drops a party session that the account has left: nothing more will be told of it.
    package mutating func forget(_ id: PartyID, unlessWith account: AccountID) {
        if parties[id]?.hasMember(account) == false { forget(id) }
    }
}

extension PartySession {
    /// What `newer` says, and what only we knew.
    fileprivate func merging(_ newer: PartySession) -> PartySession {
        PartySession(
            id: id, name: newer.name ?? name, visibility: newer.visibility ?? visibility,
            joinableBy: newer.joinableBy ?? joinableBy, maxMembers: newer.maxMembers ?? maxMembers,
            joinable: newer.joinable ?? joinable, createdAt: newer.createdAt ?? createdAt, owner: newer.owner ?? owner,
            // A party session without members does not exist, so an empty roster is one that was left out.
            members: newer.members.isEmpty
                ? members : newer.members.map { told in member(named: told)?.merging(told) ?? told })
    }

    fileprivate func differences(from known: PartySession?, me: AccountID?) -> [PartyEvent] {
        func event(_ kind: PartyEvent.Kind, _ members: [Member], _ changes: [PartyEvent.Change] = []) -> PartyEvent {
            PartyEvent(kind: kind, partyID: id, members: members, changes: changes)
        }
        var settings = changedSettings(from: known)
        // An owner of whom nothing was known before is no change of owner.
        if let owner, known?.owner == nil { settings.append(.owner(owner)) }
        var events: [PartyEvent] = []
        if known == nil {
            events.append(event(.partyCreated, [], settings))
        } else if !settings.isEmpty {
            events.append(event(.partyUpdated, [], settings))
        }
        let before = known?.members ?? []
        for member in members {
            guard let earlier = known?.member(named: member) else {
                events.append(event(.memberJoined, [member]))
                continue
            }
            if member.accountID != me, member.joinedAnew(after: earlier) {
                events += [event(.memberLeft, [earlier]), event(.memberJoined, [member])]
            } else if let voice = member.voice, voice != earlier.voice {
                events.append(event(.memberUpdated, [member], [.voice(voice)]))
            }
        }
        // After those who came: if one own device replaced another, a reader of the events sees the account stay.
        events += before.filter { member(named: $0) == nil }.map { event(.memberLeft, [$0]) }
        if let owner, let earlier = known?.owner, !owner.names(earlier) {
            events.append(event(.ownerChanged, [], [.owner(owner)]))
        }
        return events
    }

    private func changedSettings(from known: PartySession?) -> [PartyEvent.Change] {
        var changes: [PartyEvent.Change] = []
        if let name, name != known?.name { changes.append(.name(name)) }
        if let visibility, visibility != known?.visibility { changes.append(.visibility(visibility)) }
        if let joinableBy, joinableBy != known?.joinableBy { changes.append(.joinableBy(joinableBy)) }
        if let maxMembers, maxMembers != known?.maxMembers { changes.append(.maxMembers(maxMembers)) }
        return changes
    }
}

extension Member {
    /// Whether this membership is another one than the earlier: a member who leaves and returns is last in the order, at a
    /// later time.
    fileprivate func joinedAnew(after earlier: Member) -> Bool {
        if let order = joinOrder, let before = earlier.joinOrder, order > before { return true }
        guard let time = joinedAt?.milliseconds, let before = earlier.joinedAt?.milliseconds, time != before else {
            return false
        }
        // Frames and answers may tell the same time with other precision.
        let isRounded = time.isMultiple(of: 1000) || before.isMultiple(of: 1000)
        return !isRounded || time.subtractingReportingOverflow(before).partialValue.magnitude >= 1000
    }
}
