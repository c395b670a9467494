internal import Synchronization

/// Values that a thread appends, and tasks that wait for the next one.
package final class Tape<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var isEnded = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func append(_ value: Value) {
        wake { $0.values.append(value) }
    }

    package func end() {
        wake { $0.isEnded = true }
    }

    package var count: Int { state.withLock { $0.values.count } }

    package var all: [Value] { state.withLock { $0.values } }

    /// Waits for the value with that index; `nil` if the tape ends before.
    /// - Throws: `CancellationError`.
    package func value(at index: Int) async throws -> Value? {
        while true {
            try Task.checkCancellation()
            let (value, isEnded) = state.withLock { state in
                (index < state.values.count ? state.values[index] : nil, state.isEnded)
            }
            if value != nil || isEnded { return value }
            await change(after: index)
        }
    }

    /// Waits for the end.
    package func ended() async throws {
        while !state.withLock({ $0.isEnded }) {
            try Task.checkCancellation()
            await change(after: Int.max)
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    private func change(after index: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isEnded, state.values.count <= index, !Task.isCancelled else { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }
}
