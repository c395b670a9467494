extension PartyClock {
    /// Runs `body` for no longer than that; what is over time is cancelled and its failure told as `.timeout`.
    package func within<Value: Sendable>(
        _ limit: Duration, step: String, _ body: @escaping @Sendable () async throws(PartyError) -> Value
    ) async -> Result<Value, PartyError> {
        await withTaskGroup(of: Result<Value, PartyError>?.self) { group in
            group.addTask {
                do throws(PartyError) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                await self.sleep(limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            let limit = "\(limit.inMilliseconds) ms"
            return first ?? .failure(PartyError(.timeout, "\(step): no end within \(limit)", step: step))
        }
    }
}
