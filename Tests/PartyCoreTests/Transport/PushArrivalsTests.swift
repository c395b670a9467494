import PartyCore
import PartyTestSupport
import Testing

struct PushArrivalsTests {
    private static func frame(_ number: UInt8) -> [PushArrival] { [.frame([number])] }

    @Test func `arrivals from before the receiver come first, and nothing after the end`() {
        let arrivals = PushArrivals()
        let received = Tape<[PushArrival]>()
        arrivals.put(Self.frame(1))
        arrivals.put(Self.frame(2))
        arrivals.receive { received.append($0) }
        arrivals.put(Self.frame(3))
        arrivals.put([.frame([4]), .closed(.local)])
        arrivals.put(Self.frame(5))
        #expect(received.all == [Self.frame(1), Self.frame(2), Self.frame(3), [.frame([4]), .closed(.local)]])
    }

    @Test func `arrivals during the delivery of waiting ones come after them`() {
        let arrivals = PushArrivals()
        let received = Tape<[PushArrival]>()
        arrivals.put(Self.frame(1))
        arrivals.put(Self.frame(2))
        arrivals.receive { batch in
            received.append(batch)
            if batch == Self.frame(1) { arrivals.put(Self.frame(3)) }
        }
        #expect(received.all == [Self.frame(1), Self.frame(2), Self.frame(3)])
    }

    @Test func `only the first receiver is used, and it is released at the end`() {
        final class Kept: Sendable {}
        let arrivals = PushArrivals()
        let received = Tape<[PushArrival]>()
        var kept: Kept? = Kept()
        weak let watched = kept
        arrivals.receive { [kept] batch in if kept != nil { received.append(batch) } }
        kept = nil
        arrivals.receive { _ in Issue.record("the second receiver got something") }
        #expect(watched != nil)
        arrivals.put([.closed(.local)])
        #expect(watched == nil)
        #expect(received.all == [[.closed(.local)]])
    }

    @Test func `an observer is notified of the first arrivals, which still wait for the receiver`() {
        for isThereBefore in [true, false] {
            let arrivals = PushArrivals()
            let (observed, received) = (Tape<[PushArrival]>(), Tape<[PushArrival]>())
            if isThereBefore { arrivals.put(Self.frame(1)) }
            arrivals.whenFirst { observed.append($0) }
            if !isThereBefore { arrivals.put(Self.frame(1)) }
            arrivals.put(Self.frame(2))
            #expect(observed.all == [Self.frame(1)])
            arrivals.receive { received.append($0) }
            arrivals.put(Self.frame(3))
            #expect(received.all == [Self.frame(1), Self.frame(2), Self.frame(3)])
            #expect(observed.count == 1)
        }
    }

    @Test func `an observer may start to receive, and is not notified after a receiver`() {
        let arrivals = PushArrivals()
        let received = Tape<[PushArrival]>()
        arrivals.whenFirst { _ in arrivals.receive { received.append($0) } }
        arrivals.put([.closed(.local)])
        #expect(received.all == [[.closed(.local)]])

        let other = PushArrivals()
        other.whenFirst { _ in Issue.record("the receiver came first") }
        other.receive { _ in }
        other.whenFirst { _ in Issue.record("the receiver was there") }
        other.put(Self.frame(1))
    }
}
