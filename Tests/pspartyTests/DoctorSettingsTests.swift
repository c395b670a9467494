import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// What settings and given tokens do to the lines of `doctor`.
@Suite(.timeLimit(.minutes(2))) struct DoctorSettingsTests {
    private func line(_ result: CommandResult, _ check: DoctorCheck) throws -> DoctorFaultTests.Line {
        try #require(try DoctorFaultTests.lines(result).first { $0.check == check.rawValue })
    }

    @Test func `without an OAuth client a valid token is used, and one that is due is a failure`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        let without = ["PSPARTY_CLIENT_ID": "", "PSPARTY_CLIENT_SECRET": ""]
        let valid = await harness.run("doctor", "--json", variables: without)
        #expect(valid.status == 0)
        #expect(try line(valid, .configuration).detail.contains("no OAuth client is configured"))
        #expect(try line(valid, .signIn).detail.contains("without an OAuth client it cannot be renewed"))
        #expect(try line(valid, .signIn).hint?.contains("PSPARTY_CLIENT_ID") == true)
        #expect(try line(valid, .push).result == "ok")
        // As every command: a token with less than 300 s left is not used before it is renewed.
        harness.world.clock.advance(by: .seconds(3499))
        let due = await harness.run("doctor", "--json", variables: without)
        #expect(due.status == 78)
        #expect(try line(due, .signIn).detail.contains("is due, and without an OAuth client it cannot be renewed"))
        #expect(try line(due, .push).detail == "not checked: there is no sign-in to use")
        #expect(await harness.run("list", variables: without).status == 78)
    }

    @Test func `a given token is judged, and its refusal by the push service has the right advice`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        let account = harness.world.service.accounts[0].accountId
        let token = try #require(await harness.world.service.mintTokens(accountId: account, duid: "")?.access)
        let given = ["PSPARTY_ACCESS_TOKEN": token]
        let refused = await harness.run("doctor", "--json", variables: given)
        #expect(try line(refused, .signIn).detail.contains("by PSPARTY_ACCESS_TOKEN, valid for"))
        #expect(try line(refused, .push).hint?.contains("without a device id") == true)
        #expect(refused.status == 5)
        harness.world.clock.advance(by: .seconds(7200))
        let expired = await harness.run("doctor", "--json", variables: given)
        #expect(expired.status == 4)
        #expect(try line(expired, .signIn).detail.contains("PSPARTY_ACCESS_TOKEN expired"))
        #expect(try line(expired, .signIn).hint?.contains("set another one") == true)
    }

    @Test func `while the push service asks to wait, it is not asked`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        await harness.world.service.reconfigure { $0.lookUpRefusal = Scenario.LookUpRefusal() }
        #expect(await harness.run("doctor").status == 5)
        await harness.world.service.reconfigure { $0.lookUpRefusal = nil }
        await harness.world.service.clearRequests()
        let result = await harness.run("doctor", "--json")
        #expect(result.status == 0)
        #expect(try line(result, .retryAdvice).detail.contains("not to be tried again for another"))
        #expect(try line(result, .push).detail == "not checked: the push service asked to wait")
        #expect(await harness.world.service.requests().allSatisfy { !$0.target.hasPrefix("/np/") })
        harness.world.clock.advance(by: .seconds(180))
        #expect(await harness.run("doctor").status == 0)
    }

    @Test func `a sign-in to another server is not used`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        let result = await harness.run("doctor", "--json", "--server", "https://other.test")
        #expect(result.status == 4)
        #expect(
            try line(result, .signIn).detail.contains(
                "is signed in to https://simulator.test, not to https://other.test"))
        #expect(
            await harness.world.service.requests().allSatisfy { $0.accountId == nil || !$0.target.contains("bulkGet") })
    }

    @Test func `on a terminal a hint stands below its line`() async {
        let harness = CommandHarness(clock: ManualClock())
        let result = await harness.run("doctor", "--color", "always", terminal: true)
        #expect(result.stdout.contains("\u{1B}[32mok\u{1B}[0m      configuration  profile default"))
        #expect(
            result.stdout.contains(
                "\u{1B}[31mfailure\u{1B}[0m sign-in        not signed in as profile default\n"
                    + String(repeating: " ", count: 23) + "hint: sign in with `psparty login`\n"))
    }
}
