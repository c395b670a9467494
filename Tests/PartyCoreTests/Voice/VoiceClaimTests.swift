import PartySimulator
import PartyTestSupport
import Testing

@testable import PartyCore

struct VoiceClaimTests {
    private func environment(_ share: any StreamShare) async throws -> PartyEnvironment {
        let world = TestWorld(clock: ManualClock(isInstant: true))
        var environment = world.environment()
        _ = try await PartyClient(environment).signIn(npsso: Redacted(world.service.accounts[0].npsso))
        environment.voiceShare = share
        return environment
    }

    @Test func `one process owns the voice, and the next one after its end`() async throws {
        let environment = try await environment(MemoryShare())
        let claim = try await VoiceClaim.take(in: environment)
        let error = await #expect(throws: PartyError.self) { try await VoiceClaim.take(in: environment) }
        #expect(error?.kind == .conflict && error?.remedy == .takeOverVoice)
        await claim.release()
        await (try VoiceClaim.take(in: environment)).release()
    }

    @Test func `the owner is asked to end by a process that takes over`() async throws {
        var environment = try await environment(MemoryShare())
        environment.clock = ManualClock().partyClock
        let claim = try await VoiceClaim.take(in: environment)
        let owner = Task {
            let wasAsked = await claim.waitForRequest()
            await claim.release()
            return wasAsked
        }
        let successor = try await VoiceClaim.take(in: environment, takesOver: true)
        #expect(await owner.value)
        await successor.release()
    }

    @Test func `an owner that does not end keeps it`() async throws {
        let environment = try await environment(MemoryShare())
        let claim = try await VoiceClaim.take(in: environment)
        let error = await #expect(throws: PartyError.self) {
            try await VoiceClaim.take(in: environment, takesOver: true)
        }
        #expect(error?.kind == .conflict && error?.message.contains("does not end") == true)
        await claim.release()
    }
}
