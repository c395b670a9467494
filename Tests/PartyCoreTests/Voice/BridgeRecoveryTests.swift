import Testing

@testable import PartyCore

struct BridgeRecoveryTests {
    private let refused = PartyError(RESTResponse(status: 403), step: "bridge")
    private let broken = PartyError(RESTResponse(status: 500), step: "bridge")

    @Test func `the pauses double up to five minutes, and start again after the bridge has worked`() {
        var recovery = BridgeRecovery()
        let waits = (1...8).map { _ in recovery.fail(refused, chance: 0).wait }
        #expect(waits == [10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
        recovery.succeed()
        #expect(recovery.fail(refused, chance: 1).wait == .milliseconds(12_500))
    }

    @Test func `each failure is reported once, and again after the bridge has worked`() {
        var recovery = BridgeRecovery()
        let told = [refused, refused, broken, broken].map { recovery.fail($0, chance: 0).isNews }
        #expect(told == [true, false, true, false])
        recovery.succeed()
        let again = recovery.fail(broken, chance: 0).isNews
        #expect(again)
    }

    @Test func `an attempt that waits is void once something else has opened or dropped the bridge`() {
        var recovery = BridgeRecovery()
        let first = recovery.fail(refused, chance: 0).attempt
        let second = recovery.fail(refused, chance: 0).attempt
        var hasBegun = recovery.begin(first)
        #expect(!hasBegun && recovery.isWaiting)
        hasBegun = recovery.begin(second)
        #expect(hasBegun && !recovery.isWaiting)
        hasBegun = recovery.begin(second)
        #expect(!hasBegun, "it is due once")
        let third = recovery.postpone()
        recovery.begin()
        hasBegun = recovery.begin(third)
        #expect(!hasBegun)
    }

    @Test func `a lost response is repaired at most twice in a row`() {
        var recovery = BridgeRecovery()
        let renewals = (1...4).map { _ in recovery.loseAnswer() }
        #expect(renewals == [true, true, false, false])
        recovery.succeed()
        let again = recovery.loseAnswer()
        #expect(again)
    }

    @Test func `the first member creates the bridge at once, the others wait for it for a short time`() {
        #expect(BridgeRecovery.wait(rank: 0, chance: 1) == .zero)
        #expect(BridgeRecovery.wait(rank: 1, chance: 0) == .milliseconds(1200))
        #expect(BridgeRecovery.wait(rank: 15, chance: 1) == .seconds(6))
        #expect(BridgeRecovery.wait(rank: .max, chance: 1) == .seconds(6))
    }
}

struct OwnOffersTests {
    @Test func `six are sent at once, then the newest one after each pause`() {
        var offers = OwnOffers(atOnce: 6, pause: .seconds(20))
        var sent = 0
        for number in 1...400 {
            let isSent = offers.take("\(number)", isAskedFor: false, at: .seconds(1))
            if isSent { sent += 1 }
        }
        #expect(sent == 6)
        #expect(offers.deadline == .seconds(21))
        var due = offers.takeDue(at: .seconds(20))
        #expect(due == nil)
        due = offers.takeDue(at: .seconds(21))
        #expect(due == "400" && offers.deadline == nil)
        let isSent = offers.take("401", isAskedFor: false, at: .seconds(22))
        #expect(!isSent && offers.deadline == .seconds(41))
    }

    @Test func `a requested offer is always sent, and a void one never`() {
        var offers = OwnOffers(atOnce: 1, pause: .seconds(20))
        var isSent = offers.take("1", isAskedFor: false, at: .zero)
        #expect(isSent)
        isSent = offers.take("2", isAskedFor: false, at: .zero)
        #expect(!isSent)
        isSent = offers.take("3", isAskedFor: true, at: .zero)
        #expect(isSent && offers.deadline == nil, "it replaces the one that waits")
        isSent = offers.take("4", isAskedFor: false, at: .zero)
        #expect(!isSent)
        offers.drop()
        let due = offers.takeDue(at: .seconds(100))
        #expect(due == nil)
        let warnings = (1...3).map { _ in offers.warnOnce() }
        #expect(warnings == [true, false, false])
    }
}

struct EngineChannelTests {
    private func channel(_ sent: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }) -> EngineChannel {
        EngineChannel(
            EngineLink(output: AsyncStream { $0.finish() }, send: sent, stop: {}), nonsenseLimit: 3)
    }

    @Test func `a line is a message, empty, or invalid and counted`() {
        var channel = channel()
        #expect(channel.read(Array(" \r".utf8)) == .nothing)
        #expect(channel.read(Array(#"{"type":"bye","peer":"bridge"}"#.utf8)) == .message(.bye(.bridge)))
        #expect(channel.read(Array(#"{"type":"want-offer","peer":"bridge"}"#.utf8)) == .message(.wantOffer(.bridge)))
        for line in ["{", "[]", #"{"type":"want-offer","peer":"1/PS5"}"#, #"{"type":"offer","peer":"bridge"}"#] {
            guard case .nonsense(let error) = channel.read(Array(line.utf8)) else {
                Issue.record("\(line) is taken")
                continue
            }
            #expect(error.kind == .engineFailed)
        }
        let ends = (1...3).map { _ in channel.countNonsense()?.message }
        #expect(ends == [nil, nil, "the engine wrote 3 invalid messages"])
    }

    @Test func `messages wait for an engine that does not read, for a minute at most`() {
        var channel = channel { _ in false }
        channel.put(.bye(.bridge))
        var failure = channel.flush(at: .seconds(1))
        #expect(failure == nil && channel.deadline == .milliseconds(1100))
        failure = channel.flush(at: .seconds(61))
        #expect(failure?.message.contains("did not read its input for 60 s") == true)
    }
}
