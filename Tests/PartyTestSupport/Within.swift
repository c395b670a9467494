/// A wait took longer than it may.
package struct DeadlinePassed: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// The result of `body`, if it is there in time. A body that does not end is cancelled and left behind, so that one that
/// hangs costs a failure and not the run.
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

/// Asks again and again until the answer is yes: for what tells nobody when it happens.
package func eventually(
    _ limit: Duration = .seconds(10), _ what: String, _ isSo: @escaping @Sendable () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < deadline else { throw DeadlinePassed(description: "\(what): not within \(limit)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
