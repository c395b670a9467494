extension PartyClient {
    /// Asks an account into a party session.
    public func invite(_ account: AccountID, to id: PartyID) async throws(PartyError) {
        do throws(PartyError) {
            _ = try await send(endpoints.invite(account, to: id), about: id, step: "invite")
        } catch {
            // The service has no code of its own for this.
            let isRefusal = error.kind == .refused || error.kind == .forbidden || error.kind == .conflict
            guard isRefusal, let me = try? await authenticator.token().accountID, me == account else { throw error }
            throw error.explained("you cannot invite yourself")
        }
    }

    /// The invitations to us, as far as the service lists them: it was seen to list none although there were some.
    public func invitations() async throws(PartyError) -> [Invitation] {
        let response = try await rest.send(endpoints.invitations(), step: "invitations")
        return try read(response, step: "invitations", InvitationPayload.invitations)
    }

    /// That user's newest invitation, if there is one now.
    public func newestInvitation(from user: User) async throws(PartyError) -> Invitation? {
        try await invitations()
            .filter { $0.from?.accountID == user.accountID }
            .max { ($0.receivedAt ?? Timestamp(milliseconds: 0)) < ($1.receivedAt ?? Timestamp(milliseconds: 0)) }
    }

    /// How often the list is asked while waiting: what others found to be bearable (docs/protocol.md, 3.3).
    private static let pollInterval: Duration = .seconds(10)

    /// Waits for an invitation from that user: on the push stream, and by asking for the list now and then.
    /// - Throws: what ends the push stream for good. Cancelling the task ends the wait; the caller sets the deadline.
    public func awaitInvitation(from user: User) async throws(PartyError) -> Invitation {
        let result = await withTaskGroup(of: Result<Invitation, PartyError>.self) { group in
            group.addTask { await pollForInvitation(from: user) }
            group.addTask { await listenForInvitation(from: user) }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(PartyError(.cancelled, "cancelled", step: "invitation"))
        }
        return try result.get()
    }

    private func pollForInvitation(from user: User) async -> Result<Invitation, PartyError> {
        while !Task.isCancelled {
            do throws(PartyError) {
                if let invitation = try await newestInvitation(from: user) { return .success(invitation) }
            } catch {
                return .failure(error)
            }
            await environment.clock.sleep(Self.pollInterval)
        }
        return .failure(PartyError(.cancelled, "cancelled", step: "invitation"))
    }

    private func listenForInvitation(from user: User) async -> Result<Invitation, PartyError> {
        let (found, tell) = AsyncStream<Invitation>.makeStream()
        let stream = Task { () async -> PartyError? in
            defer { tell.finish() }
            do throws(PartyError) {
                let feed = PartyFeed(environment, PartyFeed.Options())
                try await feed.run(
                    .atOnce { events in
                        let invitations = events.compactMap(\.invitation)
                        for invitation in invitations where invitation.from?.accountID == user.accountID {
                            tell.yield(invitation)
                        }
                    })
                return nil
            } catch { return error }
        }
        return await withTaskCancellationHandler {
            for await invitation in found {
                stream.cancel()
                _ = await stream.value
                return .success(invitation)
            }
            return .failure(await stream.value ?? PartyError(.cancelled, "cancelled", step: "invitation"))
        } onCancel: {
            stream.cancel()
        }
    }
}

extension StreamEvent {
    /// The invitation that the event tells of.
    fileprivate var invitation: Invitation? {
        guard case .party(let event) = content, event.kind == .invitationReceived, let id = event.partyID else {
            return nil
        }
        return Invitation(partyID: id, from: event.from, receivedAt: time)
    }
}
