import ArgumentParser
import PartyCore

/// One process of a profile speaks at a time.
struct VoiceOwnershipOptions: ParsableArguments {
    @Flag(
        name: .customLong("take-over"),
        help: "Where the profile is using voice already, end that and take its place.")
    var takeOver = false
}

extension CommandContext {
    /// Does what needs the profile's voice, while no other process has it.
    func withVoice<Value: Sendable>(
        takesOver: Bool = false, _ body: (VoiceClaim) async throws(PartyError) -> Value
    ) async throws(PartyError) -> Value {
        let claim = try await VoiceClaim.take(in: environment, takesOver: takesOver)
        let result: Result<Value, PartyError>
        do throws(PartyError) { result = .success(try await body(claim)) } catch { result = .failure(error) }
        await claim.release()
        return try result.get()
    }

    /// A place that `voice offer` has left open is in use until it is stopped: a run does not take it down unasked.
    func releaseKeptPlace(takesOver: Bool) throws(PartyError) {
        guard let kept = try BridgeSession(client).kept() else { return }
        let place =
            "the place on the voice bridge of party \(kept.partyID) that `voice offer` opened at \(kept.openedAt)"
        guard takesOver else {
            throw PartyError(.conflict, "\(place) is still open", step: "voice", remedy: .releaseVoice)
        }
        notice("\(place) is taken down")
    }
}
