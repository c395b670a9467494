extension PartyClock {
    /// Waits for `body` no longer than the limit, even if it ignores its cancellation. After the limit it is cancelled,
    /// reported as `.timeout`, and continues by itself until it ends. If the calling task is cancelled, so is `body`; then it is
    /// awaited, because it may be saving something.
    package func within<Value: Sendable>(
        _ limit: Duration, step: String, _ body: @escaping @Sendable () async throws(PartyError) -> Value
    ) async -> Result<Value, PartyError> {
        let (outcomes, post) = AsyncStream.makeStream(of: Result<Value, PartyError>.self)
        let work = Task {
            do throws(PartyError) { post.yield(.success(try await body())) } catch { post.yield(.failure(error)) }
        }
        let alarm = Task {
            await self.sleep(limit)
            let problem = "\(step): no end within \(limit.inMilliseconds) ms"
            post.yield(.failure(PartyError(.timeout, problem, step: step)))
        }
        // A task of its own, as a cancelled one gets nothing from a stream.
        let first = Task {
            for await outcome in outcomes { return outcome }
            return .failure(PartyError(.cancelled, "\(step): cancelled", step: step))
        }
        defer {
            work.cancel()
            alarm.cancel()
        }
        return await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            work.cancel()
        }
    }
}
