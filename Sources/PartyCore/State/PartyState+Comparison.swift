extension PartyState {
    /// Replaces the known party session by the service's, and returns events for the differences. An omitted field is
    /// no difference.
    /// - Parameter party: `nil` if the service shows none to us: for us it has ended.
    /// - Parameter me: our own account, if known. A new membership of one of our devices is no departure.
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

    /// Removes a party session that the account has left: its events end here.
    package mutating func forget(_ id: PartyID, unlessWith account: AccountID) {
        if parties[id]?.hasMember(account) == false { forget(id) }
    }
}

extension PartySession {
    /// The values of `newer`, completed with the known ones.
    fileprivate func merging(_ newer: PartySession) -> PartySession {
        PartySession(
            id: id, name: newer.name ?? name, visibility: newer.visibility ?? visibility,
            joinableBy: newer.joinableBy ?? joinableBy, maxMembers: newer.maxMembers ?? maxMembers,
            joinable: newer.joinable ?? joinable, createdAt: newer.createdAt ?? createdAt, owner: newer.owner ?? owner,
            // A party session without members does not exist, so an empty roster means that it was omitted.
            members: newer.members.isEmpty
                ? members : newer.members.map { told in member(named: told)?.merging(told) ?? told })
    }

    fileprivate func differences(from known: PartySession?, me: AccountID?) -> [PartyEvent] {
        func event(_ kind: PartyEvent.Kind, _ members: [Member], _ changes: [PartyEvent.Change] = []) -> PartyEvent {
            PartyEvent(kind: kind, partyID: id, members: members, changes: changes)
        }
        var settings = changedSettings(from: known)
        // If the owner was unknown before, this is no change of owner.
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
        // After the joins: if one of our devices replaced another, a reader of the events sees the account stay.
        events += before.filter { member(named: $0) == nil }.map { event(.memberLeft, [$0]) }
        if let owner, let earlier = known?.owner, !owner.names(earlier) {
            events.append(event(.ownerChanged, [], [.owner(owner)]))
        }
        return events
    }

    func changedSettings(from known: PartySession?) -> [PartyEvent.Change] {
        var changes: [PartyEvent.Change] = []
        if let name, name != known?.name { changes.append(.name(name)) }
        if let visibility, visibility != known?.visibility { changes.append(.visibility(visibility)) }
        if let joinableBy, joinableBy != known?.joinableBy { changes.append(.joinableBy(joinableBy)) }
        if let maxMembers, maxMembers != known?.maxMembers { changes.append(.maxMembers(maxMembers)) }
        return changes
    }
}

extension Member {
    /// Whether this is a newer membership: a member who leaves and returns is last in the join order, with a later
    /// time.
    fileprivate func joinedAnew(after earlier: Member) -> Bool {
        if let order = joinOrder, let before = earlier.joinOrder, order > before { return true }
        guard let time = joinedAt?.milliseconds, let before = earlier.joinedAt?.milliseconds, time != before else {
            return false
        }
        // Frames and responses may have the same time with different precision.
        let isRounded = time.isMultiple(of: 1000) || before.isMultiple(of: 1000)
        return !isRounded || time.subtractingReportingOverflow(before).partialValue.magnitude >= 1000
    }
}
