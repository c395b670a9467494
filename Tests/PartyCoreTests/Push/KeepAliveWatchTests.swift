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

    @Test func `silence after a ping is the end, and any byte is not silence`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        #expect(watch.ticked(at: .milliseconds(9999)) == .alive)
        #expect(watch.ticked(at: .seconds(10)) == .dead(after: .seconds(10)))
        watch.arrived()
        #expect(watch.ticked(at: .seconds(10)) == .alive)
    }

    /// A clock that goes on while the machine sleeps shows the sleep as a tick that comes late.
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

    @Test func `a second sleep during the doubt is no new chance`() {
        var watch = KeepAliveWatch(Self.keepAlive, openedAt: .zero)
        #expect(watch.ticked(at: .seconds(100)) == .ping)
        #expect(watch.ticked(at: .seconds(200)) == .dead(after: .seconds(5)))
    }

    @Test func `a service that asks for a quicker answer gets no slower one after a sleep`() {
        var watch = KeepAliveWatch(
            KeepAlive(pingInterval: .seconds(1), answerTimeout: .seconds(2)), openedAt: .zero)
        #expect(watch.ticked(at: .seconds(60)) == .ping)
        #expect(watch.ticked(at: .seconds(62)) == .dead(after: .seconds(2)))
    }
}
