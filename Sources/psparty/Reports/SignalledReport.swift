import PartyCore

/// The result of sending a signal to each device.
struct SignalledReport: Report {
    let party: PartyID
    let outcomes: [SignalSender.Outcome]

    func text(_ style: Style) -> String {
        Table(
            header: ["USER", "PLATFORM", "RESULT"],
            rows: outcomes.map { outcome in
                [outcome.member.displayName, outcome.signal.to.platform.rawValue, outcome.error?.message ?? "sent"]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(outcomes) { json, outcome in
            json.object { json in
                json.field("partyId", party.text)
                json.field("accountId", outcome.signal.to.accountID)
                json.field("platform", outcome.signal.to.platform.rawValue)
                json.field("type", outcome.signal.kind.rawValue)
                json.field("globalSequence", outcome.signal.globalSequence)
                json.field("sdpSequence", outcome.signal.sdpSequence)
                json.field("sent", outcome.error == nil)
                json.field("error", outcome.error.map { Failure($0).code })
            }
        }
    }

    var effect: String? {
        let sent = outcomes.count { $0.error == nil }
        return sent == 0 ? nil : "\(sent) of \(outcomes.count) signals were sent"
    }

    /// The first failure, with the number of failures.
    var failure: PartyError? {
        let failed = outcomes.compactMap { outcome in outcome.error?.about(outcome.member.displayName) }
        guard var first = failed.first else { return nil }
        if outcomes.count > 1 {
            first.message = "\(failed.count) of \(outcomes.count) signals failed: \(first.message)"
        }
        return first
    }
}
