import Testing

@testable import PartyCore
@testable import PartyLive

struct IntakeTests {
    @Test func `it is full beyond its limit, and has room again at a quarter of it`() {
        let intake = Intake()
        #expect(!intake.add(Intake.limit))
        #expect(intake.add(1))
        #expect(intake.add(0))
        #expect(!intake.remove(Intake.limit / 2))
        #expect(intake.add(0), "not before it has come down")
        #expect(intake.remove(Intake.limit / 2))
        #expect(!intake.remove(1), "said once")
        #expect(!intake.add(0))
    }
}
