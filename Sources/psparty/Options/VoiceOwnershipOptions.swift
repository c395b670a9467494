import ArgumentParser
import PartyCore

/// Only one process of a profile uses voice at a time.
struct VoiceOwnershipOptions: ParsableArguments {
    @Flag(
        name: .customLong("take-over"),
        help: "If another process of the profile uses voice, end it and take over.")
    var takeOver = false
}

extension CommandContext {
    /// Runs `body` while this process holds the profile's voice claim.
    func withVoice<Value: Sendable>(
        takesOver: Bool = false, _ body: (VoiceClaim) async throws(PartyError) -> Value
    ) async throws(PartyError) -> Value {
        let claim = try await VoiceClaim.take(in: environment, takesOver: takesOver)
        let result: Result<Value, PartyError>
        do throws(PartyError) { result = .success(try await body(claim)) } catch { result = .failure(error) }
        await claim.release()
        return try result.get()
    }

    /// A peer that `voice offer` created stays open until it is stopped. A run closes it only with `--take-over`.
    func releaseKeptPlace(takesOver: Bool) throws(PartyError) {
        guard let kept = try BridgeSession(client).kept() else { return }
        let place =
            "the peer on the voice bridge of party \(kept.partyID), which `voice offer` created at \(kept.openedAt),"
        guard takesOver else {
            throw PartyError(.conflict, "\(place) is still open", step: "voice", remedy: .releaseVoice)
        }
        notice("\(place) is closed")
    }
}
