import PartyCore
import Testing

struct KeepAliveWatchTests {
    private static let keepAlive = KeepAlive(pingInterval: .seconds(30), answerTimeout: .seconds(10))

    @Test func `a socket that answers is pinged at its interval`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        watch.arrived()
        for round in 1...3 {
            #expect(watch.deadline == .seconds(30 * round))
            #expect(watch.ticked(at: watch.deadline) == .ping)
            #expect(watch.deadline == .seconds(30 * round + 10))
            watch.arrived()
        }
    }

    @Test func `silence after a ping is a loss, and any byte ends the silence`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        #expect(watch.ticked(at: .milliseconds(9999)) == .alive)
        #expect(watch.ticked(at: .seconds(10)) == .dead(after: .seconds(10)))
        watch.arrived()
        #expect(watch.ticked(at: .seconds(10)) == .alive)
    }

    /// The clock runs while the machine sleeps, so a late tick shows a sleep.
    @Test(arguments: [false, true]) func `after a sleep the socket has 5 s`(wasPinged: Bool) {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        if !wasPinged { watch.arrived() }
        let woken = watch.deadline + .seconds(3600)
        #expect(watch.ticked(at: woken) == .ping)
        #expect(watch.deadline == woken + .seconds(5))
        var alive = watch
        alive.arrived()
        #expect(alive.ticked(at: woken + .seconds(5)) == .alive)
        #expect(alive.deadline == woken + .seconds(30))
        #expect(watch.ticked(at: woken + .seconds(5)) == .dead(after: .seconds(5)))
    }

    @Test func `a second sleep during that time does not extend it`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        #expect(watch.ticked(at: .seconds(100)) == .ping)
        #expect(watch.ticked(at: .seconds(200)) == .dead(after: .seconds(5)))
    }

    @Test func `a shorter pong timeout of the service also applies after a sleep`() {
        var watch = KeepAliveWatch(
            KeepAlive(pingInterval: .seconds(1), answerTimeout: .seconds(2)), openedAt: .zero)
        #expect(watch.ticked(at: .seconds(60)) == .ping)
        #expect(watch.ticked(at: .seconds(62)) == .dead(after: .seconds(2)))
    }

    @Test(arguments: [(10, 10), (30, 30), (60, 60)])
    func `new intervals apply from the last ping`(_ interval: Int, _ due: Int) {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        watch.arrived()
        watch.adopt(KeepAlive(pingInterval: .seconds(interval), answerTimeout: .seconds(10)), at: .seconds(4))
        #expect(watch.deadline == .seconds(due))
        #expect(watch.ticked(at: .seconds(due)) == .ping)
        watch.arrived()
        #expect(watch.deadline == .seconds(due + interval))
    }

    @Test func `a shorter interval that has passed pings now, repeated new intervals do not`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        watch.arrived()
        let quick = KeepAlive(pingInterval: .seconds(10), answerTimeout: .seconds(10))
        watch.adopt(quick, at: .seconds(25))
        #expect(watch.deadline == .seconds(25))
        #expect(watch.ticked(at: .seconds(25)) == .ping)
        for _ in 0..<100 { watch.adopt(quick, at: .seconds(25)) }
        watch.arrived()
        #expect(watch.deadline == .seconds(35))
    }

    @Test func `new intervals do not shorten the wait for a pong`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        watch.adopt(KeepAlive(pingInterval: .seconds(30), answerTimeout: .seconds(1)), at: .seconds(5))
        #expect(watch.ticked(at: .seconds(9)) == .alive)
        #expect(watch.ticked(at: .seconds(10)) == .dead(after: .seconds(10)))
    }

    @Test func `the last contact was before the unanswered ping, and before a sleep`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        #expect(watch.lastContact(before: .seconds(3)) == .zero)
        watch.arrived()
        #expect(watch.lastContact(before: .seconds(20)) == .seconds(20))
        #expect(watch.ticked(at: .seconds(30)) == .ping)
        #expect(watch.lastContact(before: .seconds(40)) == .seconds(30))
        watch.arrived()
        // Closed before the machine checks after its sleep.
        #expect(watch.lastContact(before: .seconds(600)) == .seconds(60))
        #expect(watch.ticked(at: .seconds(600)) == .ping)
        #expect(watch.lastContact(before: .seconds(605)) == .seconds(60))
    }
}
