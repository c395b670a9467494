package import PartyCore
internal import Synchronization
internal import Testing

/// A clock that only the test advances. Sleepers wake in the order of their deadlines.
package final class ManualClock: Sendable {
    private struct Sleeper {
        let id: Int
        let deadline: Duration
        let wake: CheckedContinuation<Void, Never>
    }

    private struct State {
        var uptime: Duration = .zero
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var watchers: [Watcher] = []
    }

    /// The condition on the sleepers' deadlines that a test waits for.
    private typealias Condition = @Sendable (_ deadlines: [Duration]) -> Bool

    private struct Watcher {
        let id: Int
        let condition: Condition
        let resume: CheckedContinuation<Void, Never>
    }

    /// Real time after which a wait for sleepers fails its test. The test continues, so that the run is not delayed.
    private static let timeout: Duration = .seconds(30)

    private let start: Timestamp
    private let isInstant: Bool
    private let state = Mutex(State())

    /// - Parameter isInstant: a sleep advances the clock by its length and returns at once.
    package init(start: Timestamp = Timestamp(milliseconds: 1_700_000_000_000), isInstant: Bool = false) {
        self.start = start
        self.isInstant = isInstant
    }

    package var partyClock: PartyClock {
        PartyClock(
            now: { self.start.advanced(by: self.uptime) }, uptime: { self.uptime },
            sleep: { duration in await self.sleep(duration) })
    }

    package var uptime: Duration { state.withLock { $0.uptime } }

    /// The deadlines of the sleepers.
    package var deadlines: [Duration] { state.withLock { $0.sleepers.map(\.deadline).sorted() } }

    /// Advances the clock and wakes the sleepers that are due.
    package func advance(by duration: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            state.uptime += duration
            let due = state.sleepers.filter { $0.deadline <= state.uptime }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= state.uptime }
            return due
        }
        for sleeper in due { sleeper.wake.resume() }
    }

    /// Waits for a sleeper, then advances the clock to the first deadline.
    package func advanceToNextDeadline() async {
        await sleepers(1)
        let next = state.withLock { state in
            state.sleepers.map(\.deadline).min().map { $0 - state.uptime }
        }
        if let next { advance(by: next) }
    }

    /// Waits until that many tasks sleep; then all other work has finished.
    package func sleepers(_ count: Int) async {
        await until { $0.count >= count }
    }

    /// Waits for a sleeper with exactly that time left.
    package func sleeper(dueIn wait: Duration) async {
        let deadline = uptime + wait
        await until { $0.contains(deadline) }
    }

    private func until(_ condition: @escaping Condition) async {
        let id = nextID()
        let limit = Task {
            try? await Task.sleep(for: Self.timeout)
            if !Task.isCancelled { giveUp(id) }
        }
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if condition(state.sleepers.map(\.deadline)) { return true }
                state.watchers.append(Watcher(id: id, condition: condition, resume: continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        limit.cancel()
    }

    private func giveUp(_ id: Int) {
        let watcher = state.withLock { state -> Watcher? in
            guard let index = state.watchers.firstIndex(where: { $0.id == id }) else { return nil }
            return state.watchers.remove(at: index)
        }
        guard let watcher else { return }
        Issue.record("the sleepers that a test waits for did not come within \(Self.timeout)")
        watcher.resume.resume()
    }

    private func nextID() -> Int {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func sleep(_ duration: Duration) async {
        guard !isInstant else { return advance(by: duration) }
        let id = nextID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enter(id, duration, continuation) }
        } onCancel: {
            cancel(id)
        }
    }

    private func enter(_ id: Int, _ duration: Duration, _ continuation: CheckedContinuation<Void, Never>) {
        let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if duration <= .zero || state.cancelled.remove(id) != nil { return [continuation] }
            state.sleepers.append(Sleeper(id: id, deadline: state.uptime + duration, wake: continuation))
            let deadlines = state.sleepers.map(\.deadline)
            let told = state.watchers.filter { $0.condition(deadlines) }.map(\.resume)
            state.watchers.removeAll { $0.condition(deadlines) }
            return told
        }
        for continuation in ready { continuation.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.wake.resume()
    }
}
