import PartyCore

/// The result of each invitation.
struct InvitedReport: Report {
    let outcomes: [Inviter.Outcome]

    func text(_ style: Style) -> String {
        Table(
            header: ["USER", "RESULT"],
            rows: outcomes.map { outcome in
                [outcome.user?.onlineID ?? outcome.name, outcome.error?.message ?? "invited"]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(outcomes) { json, outcome in
            json.object { json in
                json.field("accountId", outcome.user?.accountID)
                json.field("onlineId", outcome.user?.onlineID ?? outcome.namedOnlineID)
                json.field("invited", outcome.error == nil)
                json.field("error", outcome.error.map { Failure($0).code })
            }
        }
    }

    var effect: String? {
        let names = outcomes.filter { $0.error == nil }.map { $0.user?.onlineID ?? $0.name }
        return names.isEmpty ? nil : "invited: \(names.joined(separator: ", "))"
    }

    /// The first failure, with the number of failures.
    var failure: PartyError? {
        let failed = outcomes.compactMap { outcome in outcome.error?.about(outcome.user?.onlineID ?? outcome.name) }
        guard var first = failed.first else { return nil }
        if outcomes.count > 1 {
            first.message = "\(failed.count) of \(outcomes.count) invitations failed: \(first.message)"
        }
        return first
    }
}

extension PartyError {
    /// Adds the user's name to the message.
    func about(_ name: String) -> PartyError {
        guard !message.contains(name) else { return self }
        var error = self
        error.message = "\(name): \(message)"
        return error
    }
}

extension Inviter.Outcome {
    /// The name from the command line, if it is an online id.
    fileprivate var namedOnlineID: String? {
        AccountID(name) == nil && name != "me" ? name : nil
    }
}
