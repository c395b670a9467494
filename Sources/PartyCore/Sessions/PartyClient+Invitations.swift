extension PartyClient {
    /// Invites an account to a party session.
    /// - Throws: `PartyError` of kind `.forbidden` if this account is no member, `.conflict` if the invited one is, or
    ///   a limit is reached.
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

    /// Lists the invitations to this account. The service was seen to list none although there were some
    /// (docs/protocol.md, 4.12).
    public func invitations() async throws(PartyError) -> [Invitation] {
        let response = try await rest.send(endpoints.invitations(), step: "invitations")
        return try read(response, step: "invitations", InvitationPayload.invitations)
    }

    /// The newest invitation from any of these users, without waiting; `nil` if there is none.
    public func newestInvitation(from users: [User]) async throws(PartyError) -> Invitation? {
        try await invitations()
            .filter { $0.isFrom(users) }
            .max { ($0.receivedAt ?? Timestamp(milliseconds: 0)) < ($1.receivedAt ?? Timestamp(milliseconds: 0)) }
    }

    /// How often the list is requested while waiting: a rate that others use without being refused (docs/protocol.md,
    /// 3.3).
    private static let pollInterval: Duration = .seconds(10)
    /// The same while the list is refused or broken.
    private static let longestPollInterval: Duration = .seconds(120)

    /// Waits for an invitation from any of these users, on the push stream and with a request for the list every 10 s.
    /// It has no deadline: cancel the task to end the wait.
    /// - Throws: `PartyError` if there is no push stream, or it ends for good.
    public func awaitInvitation(from users: [User]) async throws(PartyError) -> Invitation {
        do throws(PartyError) {
            // What is there already needs no stream.
            if let invitation = try await newestInvitation(from: users) { return invitation }
        } catch {
            guard error.passes else { throw error }
        }
        let result = await withTaskGroup(of: Result<Invitation, PartyError>.self) { group in
            group.addTask { await pollForInvitation(from: users) }
            group.addTask { await listenForInvitation(from: users) }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(PartyError(.cancelled, "cancelled", step: "invitation"))
        }
        return try result.get()
    }

    private func pollForInvitation(from users: [User]) async -> Result<Invitation, PartyError> {
        var wait = Self.pollInterval
        while true {
            await environment.clock.sleep(wait)
            if Task.isCancelled { break }
            do throws(PartyError) {
                if let invitation = try await newestInvitation(from: users) { return .success(invitation) }
                wait = Self.pollInterval
            } catch {
                // The stream may tell of it all the same.
                guard error.passes else { return .failure(error) }
                wait = min(wait * 2, Self.longestPollInterval)
            }
        }
        return .failure(PartyError(.cancelled, "cancelled", step: "invitation"))
    }

    private func listenForInvitation(from users: [User]) async -> Result<Invitation, PartyError> {
        let (found, tell) = AsyncStream<Invitation>.makeStream()
        let stream = Task { () async -> PartyError? in
            defer { tell.finish() }
            do throws(PartyError) {
                var options = PartyFeed.Options()
                options.mustBecomeReady = true
                let feed = PartyFeed(environment, options)
                try await feed.run(
                    .atOnce { events in
                        let invitations = events.compactMap(\.invitation)
                        for invitation in invitations where invitation.isFrom(users) {
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

extension Invitation {
    fileprivate func isFrom(_ users: [User]) -> Bool {
        users.contains { $0.accountID == from?.accountID }
    }
}

extension PartyError {
    /// Whether asking again may have another outcome.
    fileprivate var passes: Bool {
        switch kind {
        case .refused, .notFound, .forbidden, .conflict, .rateLimited, .unreachable, .tls, .protocolViolation, .timeout:
            true
        case .signIn, .badData, .storage, .usage, .configuration, .cancelled, .engineFailed, .internalFault: false
        }
    }
}

extension StreamEvent {
    /// The invitation of the event.
    fileprivate var invitation: Invitation? {
        guard case .party(let event) = content, event.kind == .invitationReceived, var invitation = event.invitation
        else { return nil }
        invitation.receivedAt = time
        return invitation
    }
}
