/// A wait took longer than it may.
package struct DeadlinePassed: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// The result of `body`, if it ends in time. Otherwise `body` is cancelled and not waited for, so that a hang fails
/// only this test.
package func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let (results, post) = AsyncStream<Result<Value, any Error>>.makeStream()
    let work = Task {
        do { post.yield(.success(try await body())) } catch { post.yield(.failure(error)) }
    }
    let alarm = Task {
        try await Task.sleep(for: limit)
        post.yield(.failure(DeadlinePassed(description: "\(what): not within \(limit)")))
    }
    defer {
        alarm.cancel()
        work.cancel()
    }
    for await result in results { return try result.get() }
    throw CancellationError()
}

/// Polls until the condition is true, for conditions without a notification.
package func eventually(
    _ limit: Duration = .seconds(10), _ what: String, _ isSo: @escaping @Sendable () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < deadline else { throw DeadlinePassed(description: "\(what): not within \(limit)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
