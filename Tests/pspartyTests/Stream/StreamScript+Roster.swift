import Foundation
import PartyLive
import PartySimulator
import PartyTestSupport

@testable import PartyCore
@testable import psparty

/// The roster of `show --follow` in a script.
extension StreamScript {
    struct Roster {
        var party: FollowedParty
        let file: ReplacedFile
        var failure: PartyError?
    }

    /// Follows the party from here on, and writes each state to the file.
    func follow(writing file: ReplacedFile) {
        guard let account = AccountID(me) else { return }
        roster = Roster(party: FollowedParty(wanted: nil, me: account), file: file)
    }

    func showRoster(after events: [StreamEvent]) {
        let fold = machine.fold
        roster?.party.take(
            StreamView(state: fold.state, incomplete: fold.newcomers, isKnown: fold.isKnown, events: events))
        writeRoster()
    }

    private func writeRoster() {
        guard let roster, let account = AccountID(me) else { return }
        let current = try? client.currentParty()
        let party: PartySession?
        switch roster.party.shown(current: current) {
        case .unknown: return
        case .noParty: party = nil
        case .party(let shown): party = shown
        }
        do throws(PartyError) {
            try roster.file.replace(with: RosterForm.json.lines(party, me: account, current: current))
        } catch { self.roster?.failure = error }
    }

    /// What the file has that the service has not; `nil` if both are the same.
    func rosterDifference(_ bytes: Data) async throws -> String? {
        if let failure = roster?.failure { return failure.message }
        // A change of the profile's current party is no event.
        writeRoster()
        let request = SimulatedRequest(method: "GET", target: "/_sim/state")
        guard case .answer(let state) = await world.service.respond(to: request) else { return "no state" }
        let mine = try PrintedParties.simulated(state.body, me: me)
            .filter { $0.value.members.values.contains { $0.account == me } }
        let document = try JSONDocument(Array(bytes.dropLast())).root
        guard let id = document["id"]?.string else { return mine.isEmpty ? nil : "null, simulated: \(mine)" }
        guard var expected = mine[id] else { return "\(id), simulated: \(mine)" }
        expected.joinableBy = nil
        let written = PrintedParties.document(document)
        return written == expected ? nil : "written: \(written)\nsimulated: \(expected)"
    }
}
