import ArgumentParser
import PartyCore

struct Invitations: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "invitations", abstract: "List the invitations that you have received.",
        discussion:
            "The service sometimes lists none although there are some; `psparty listen` prints them as they arrive.")

    static let examples = [
        Example("list invitations to you", "psparty invitations"),
        Example("print the parties you are invited to", "psparty invitations --json | jq -r '.[].partyId'"),
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> InvitationsReport {
        let client = context.client
        return InvitationsReport(
            invitations: try await client.invitations(), me: try await client.accessToken().accountID,
            now: context.clock.now())
    }
}

/// The invitations to this account.
struct InvitationsReport: Report {
    let invitations: [Invitation]
    let me: AccountID
    let now: Timestamp

    var emptyWords: String? { invitations.isEmpty ? "no invitation is pending" : nil }

    func text(_ style: Style) -> String {
        Table(
            header: ["PARTY", "FROM", "NAME", "AGE"],
            rows: invitations.map { invitation in
                [
                    invitation.partyID.text, invitation.from?.displayName ?? "", invitation.name ?? "",
                    invitation.receivedAt.map { (now - $0).asAge } ?? "",
                ]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(invitations) { json, invitation in
            json.object { json in
                json.field("partyId", invitation.partyID.text)
                json.field("name", invitation.name)
                json.key("from")
                json.member(invitation.from, me: me)
                json.field("receivedAt", invitation.receivedAt)
            }
        }
    }
}

extension Duration {
    /// The age in its largest whole unit, like `3m`.
    fileprivate var asAge: String {
        let seconds = max(0, components.seconds)
        let units: [(name: String, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60)]
        guard let unit = units.first(where: { seconds >= $0.seconds }) else { return "\(seconds)s" }
        return "\(seconds / unit.seconds)\(unit.name)"
    }
}
