package import PartyCore
internal import Synchronization
internal import Testing

/// Time that moves only when a test says so. Sleepers wake in the order of their deadlines.
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

    /// What a test waits for in the sleepers' deadlines.
    private typealias Condition = @Sendable (_ deadlines: [Duration]) -> Bool

    private struct Watcher {
        let id: Int
        let condition: Condition
        let resume: CheckedContinuation<Void, Never>
    }

    /// Real time after which a wait for sleepers fails its test. The test goes on, so that it does not hold up the run.
    private static let patience: Duration = .seconds(30)

    private let start: Timestamp
    private let isInstant: Bool
    private let state = Mutex(State())

    /// - Parameter isInstant: who sleeps moves time on by that much and goes on at once.
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

    /// When those who sleep want to wake.
    package var deadlines: [Duration] { state.withLock { $0.sleepers.map(\.deadline).sorted() } }

    /// Moves time on and wakes who is due.
    package func advance(by duration: Duration) {
        let due = state.withLock { state -> [Sleeper] in
            state.uptime += duration
            let due = state.sleepers.filter { $0.deadline <= state.uptime }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= state.uptime }
            return due
        }
        for sleeper in due { sleeper.wake.resume() }
    }

    /// Moves time to the next sleeper's deadline, once there is one.
    package func advanceToNextDeadline() async {
        await sleepers(1)
        let next = state.withLock { state in
            state.sleepers.map(\.deadline).min().map { $0 - state.uptime }
        }
        if let next { advance(by: next) }
    }

    /// Waits until so many are asleep: the point at which a test knows that all else has come to rest.
    package func sleepers(_ count: Int) async {
        await until { $0.count >= count }
    }

    /// Waits until somebody sleeps for just that long from now.
    package func sleeper(dueIn wait: Duration) async {
        let deadline = uptime + wait
        await until { $0.contains(deadline) }
    }

    private func until(_ condition: @escaping Condition) async {
        let id = nextID()
        let limit = Task {
            try? await Task.sleep(for: Self.patience)
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
        Issue.record("the sleepers that a test waits for did not come within \(Self.patience)")
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
