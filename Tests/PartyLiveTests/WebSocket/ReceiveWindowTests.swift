import Testing

@testable import PartyCore
@testable import PartyLive

struct ReceiveWindowTests {
    @Test func `it is full above its limit, until a quarter of the limit remains`() {
        let window = ReceiveWindow()
        #expect(!window.add(ReceiveWindow.limit))
        #expect(window.add(1))
        #expect(window.add(0))
        #expect(!window.remove(ReceiveWindow.limit / 2))
        #expect(window.add(0), "until it has come down")
        #expect(window.remove(ReceiveWindow.limit / 2))
        #expect(!window.remove(1), "reported once")
        #expect(!window.add(0))
    }
}
