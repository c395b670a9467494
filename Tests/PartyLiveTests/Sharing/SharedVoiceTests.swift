import PartySimulator
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

struct SharedVoiceTests {
    @Test func `over real sockets the owner is named with its process id`() async throws {
        let folder = try ScratchFolder()
        let share = SocketShare(stateFolder: folder(""), profile: "default", name: "voice")
        let world = TestWorld(clock: ManualClock(isInstant: true))
        var environment = world.environment()
        _ = try await PartyClient(environment).signIn(npsso: Redacted(world.service.accounts[0].npsso))
        environment.voiceShare = share
        let claim = try await VoiceClaim.take(in: environment)
        let error = await #expect(throws: PartyError.self) { try await VoiceClaim.take(in: environment) }
        #expect(error?.message.hasPrefix("process ") == true)
        await claim.release()
        await (try VoiceClaim.take(in: environment)).release()
    }
}
