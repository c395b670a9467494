import ArgumentParser
import PartyCore

/// One process of a profile speaks at a time.
struct VoiceOwnershipOptions: ParsableArguments {
    @Flag(
        name: .customLong("take-over"),
        help: "Where another process of the profile is using voice, have it end and take its place.")
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
}
