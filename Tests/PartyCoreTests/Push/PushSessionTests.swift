import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// The session on a socket of the test.
struct PushSessionTests {
    /// A service whose push socket delivers what the test says.
    private struct Line: Transport {
        let service: InProcessTransport
        let arrivals = PushArrivals()
        let pings = Tape<Int>()

        func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
            try await service.send(request)
        }

        func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
            PushConnection(
                arrivals: arrivals, send: { _ in }, ping: { [pings] in pings.append(0) },
                close: { [arrivals] _, _ in arrivals.put([.closed(.local)]) })
        }
    }

    private func stage() async throws -> (TestWorld, Line, PushSession) {
        let world = TestWorld()
        let store = MemoryStore()
        _ = try await world.signedIn(0, store: store)
        let line = Line(service: world.transport)
        let environment = world.environment(store: store, transport: line)
        return (world, line, PushSession(environment, policy: PushMachine.Policy(), maximumFrame: 1000))
    }

    /// Both sides of a run.
    private func stream(_ session: PushSession, _ receive: @escaping @Sendable (StreamDelivery) async -> Void)
        async throws
    {
        let handing = Task { await session.deliver { delivery, _, _ in await receive(delivery) } }
        defer { handing.cancel() }
        try await session.run()
        await handing.value
    }

    @Test func `ready is delivered before or right after the first arrivals`() async throws {
        for arrivals in [[[PushArrival.pong, .frame([1])]], [[.frame([1])]], [[.pong], [.frame([1])]]] {
            let (_, line, session) = try await stage()
            for batch in arrivals { line.arrivals.put(batch) }
            let received = Tape<StreamDelivery>()
            let run = Task { try await stream(session) { received.append($0) } }
            _ = try await within(.seconds(20), "the frame") { try await received.value(at: 2) }
            run.cancel()
            try await within(.seconds(20), "the end") { try await run.value }
            #expect(
                received.all == [
                    .lifecycle(.connected), .lifecycle(.ready), .frames([[1]]), .lifecycle(.stopping),
                ])
        }
    }

    @Test func `events that arrive together are delivered in order`() async throws {
        let (_, line, session) = try await stage()
        let received = Tape<StreamDelivery>()
        let run = Task { try await stream(session) { received.append($0) } }
        line.arrivals.put([.pong])
        _ = try await within(.seconds(20), "readiness") { try await received.value(at: 1) }
        line.arrivals.put([.frame([1]), .oversized(2000), .frame([2]), .frame([3]), .oversized(3000), .pong])
        _ = try await within(.seconds(20), "the last") { try await received.value(at: 5) }
        run.cancel()
        try await within(.seconds(20), "the end") { try await run.value }
        func invalid(_ size: Int) -> StreamDelivery {
            .lifecycle(.frameInvalid(problem: "a message over 1000 bytes", size: size))
        }
        #expect(received.all[2..<6] == [.frames([[1]]), invalid(2000), .frames([[2], [3]]), invalid(3000)])
    }

    @Test func `a blocked receiver delays no ping and gets everything`() async throws {
        let (world, line, session) = try await stage()
        let (gate, letGo) = AsyncStream<Void>.makeStream()
        let received = Tape<StreamDelivery>()
        let run = Task {
            try await stream(session) { delivery in
                received.append(delivery)
                if case .frames = delivery { for await _ in gate {} }
            }
        }
        line.arrivals.put([.pong])
        line.arrivals.put([.frame([1])])
        _ = try await within(.seconds(20), "the frame") { try await received.value(at: 2) }
        // From now on the receiver is busy.
        line.arrivals.put([.frame([2]), .oversized(2000)])
        for wait in [2, 28] {
            await world.clock.sleeper(dueIn: .seconds(wait))
            world.clock.advance(by: .seconds(wait))
        }
        await world.clock.sleeper(dueIn: .seconds(10))
        #expect(line.pings.count == 2)
        line.arrivals.put([.pong])
        world.clock.advance(by: .seconds(10))
        await world.clock.sleeper(dueIn: .seconds(20))
        world.clock.advance(by: .seconds(20))
        _ = try await within(.seconds(20), "the third ping") { [pings = line.pings] in try await pings.value(at: 2) }
        #expect(received.count == 3)
        letGo.finish()
        run.cancel()
        try await within(.seconds(20), "the end") { try await run.value }
        #expect(
            received.all == [
                .lifecycle(.connected), .lifecycle(.ready), .frames([[1]]), .frames([[2]]),
                .lifecycle(.frameInvalid(problem: "a message over 1000 bytes", size: 2000)), .lifecycle(.stopping),
            ])
    }

    /// A service whose push socket opens when the test says so, even if it was cancelled.
    private struct LateLine: Transport {
        let service: InProcessTransport
        let begun = OneShotEvent()
        let opening = OneShotEvent()
        let closed = Tape<UInt16>()

        func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
            try await service.send(request)
        }

        func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
            begun.set()
            await Task { [opening] in await opening.wait() }.value
            return PushConnection(
                arrivals: PushArrivals(), send: { _ in }, ping: {}, close: { [closed] code, _ in closed.append(code) })
        }
    }

    @Test func `a connection that opens as the run ends is closed`() async throws {
        let world = TestWorld()
        let store = MemoryStore()
        _ = try await world.signedIn(0, store: store)
        for _ in 0..<20 {
            let line = LateLine(service: world.transport)
            let session = PushSession(
                world.environment(store: store, transport: line), policy: PushMachine.Policy(), maximumFrame: 1000)
            let run = Task { try await stream(session) { _ in } }
            await line.begun.wait()
            run.cancel()
            line.opening.set()
            try await within(.seconds(20), "the end") { try await run.value }
            let code = try await within(.seconds(20), "the closing") { try await line.closed.value(at: 0) }
            #expect(code == 1000)
        }
    }

    @Test func `part of a message is a sign of life`() async throws {
        let (world, line, session) = try await stage()
        let received = Tape<StreamDelivery>()
        let run = Task { try await stream(session) { received.append($0) } }
        line.arrivals.put([.activity])
        _ = try await within(.seconds(20), "readiness") { try await received.value(at: 1) }
        // The timer may still be armed for the first answer's deadline, which is earlier.
        await world.clock.sleepers(1)
        world.clock.advance(by: .seconds(30))
        _ = try await within(.seconds(20), "a ping") { [pings = line.pings] in try await pings.value(at: 1) }
        await world.clock.sleeper(dueIn: .seconds(10))
        line.arrivals.put([.activity])
        await world.clock.sleepers(1)
        world.clock.advance(by: .seconds(10))
        line.arrivals.put([.frame([1])])
        _ = try await within(.seconds(20), "the frame") { try await received.value(at: 2) }
        run.cancel()
        try await within(.seconds(20), "the end") { try await run.value }
        #expect(
            received.all == [.lifecycle(.connected), .lifecycle(.ready), .frames([[1]]), .lifecycle(.stopping)])
    }
}
