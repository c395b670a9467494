import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// A cancelled task returns at once in each phase of the request.
    struct LiveCancellationTests {
        enum Kind: Sendable, CaseIterable {
            case rest, push
        }

        private func work(
            _ kind: Kind, _ transport: any Transport, _ authority: String, _ stage: TransportStage? = nil
        ) -> Task<TransportError?, Never> {
            Task {
                do throws(TransportError) {
                    switch kind {
                    case .rest:
                        let request = stage?.get() ?? RESTRequest(.get, "https://\(authority)/")
                        _ = try await transport.send(request)
                    case .push:
                        let request =
                            stage?.push() ?? PushRequest(url: "wss://\(authority)/", headers: [], subprotocol: "x")
                        _ = try await transport.openPush(request)
                    }
                    return nil
                } catch { return error }
            }
        }

        /// Repeats the attempt, because other tests may keep this process busy; a real hang happens every time.
        private func expectQuickEnd(
            _ begin: () -> Task<TransportError?, Never>, once isThere: (Int) async throws -> Void
        ) async throws {
            var times: [Duration] = []
            for number in 1...20 {
                let task = begin()
                try await isThere(number)
                let start = ContinuousClock.now
                task.cancel()
                let error = try await within(.seconds(10), "the end of a cancelled task") { await task.value }
                times.append(.now - start)
                #expect(error?.kind == .cancelled)
                if times.last ?? .zero < .milliseconds(200) { return }
            }
            Issue.record("cancelling took \(times)")
        }

        @Test(arguments: Kind.allCases) func `while connecting`(kind: Kind) async throws {
            let deaf = try DeafPort()
            let transport = TransportStage.live(nil)
            try await expectQuickEnd {
                work(kind, transport, "127.0.0.1:\(deaf.port)")
            } once: { _ in
                try await deaf.knock()
            }
        }

        @Test(arguments: Kind.allCases) func `during TLS`(kind: Kind) async throws {
            let silent = try LoopbackListener.silent()
            defer { silent.stop() }
            let transport = TransportStage.live(nil)
            try await expectQuickEnd {
                work(kind, transport, "127.0.0.1:\(silent.port)")
            } once: { number in
                try await silent.connection(number)
            }
        }

        @Test(arguments: Kind.allCases) func `while waiting for the answer`(kind: Kind) async throws {
            try await TransportStage.run { stage in
                let path = kind == .rest ? TransportStage.account : "/np/pushNotification"
                await stage.service.add(Fault(match: .init(path: path, times: nil), action: .drop))
                try await expectQuickEnd {
                    work(kind, stage.transport, "", stage)
                } once: { number in
                    try await eventually(.seconds(10), "the request") { [service = stage.service] in
                        await service.requests().count == number
                    }
                }
                // The cancelled request does not affect the next one.
                await stage.service.clearFaults()
                #expect(try await stage.send(stage.get()).status == 200)
                _ = try await stage.openPush()
            }
        }

        @Test func `cancelling one request does not affect another`() async throws {
            try await TransportStage.run { stage in
                await stage.service.add(
                    Fault(match: .init(path: TransportStage.account, times: 2), action: .delay, delayMilliseconds: 300))
                let doomed = work(.rest, stage.transport, "", stage)
                let other = work(.rest, stage.transport, "", stage)
                try await eventually(.seconds(10), "both requests") { [service = stage.service] in
                    await service.requests().count == 2
                }
                doomed.cancel()
                #expect(await doomed.value?.kind == .cancelled)
                #expect(try await within(.seconds(10), "the other answer") { await other.value } == nil)
            }
        }
    }
}
