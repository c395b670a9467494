import PartyCore
import Synchronization

/// A stream whose service manager is kept informed: ready, how it is, alive, about to end.
final class Supervised: Sendable {
    private struct State {
        var report: ServiceReport
        var feeding: Task<Void, Never>?
    }

    private let state: Mutex<State>
    private let clock: PartyClock
    private let send: @Sendable (String) -> Void

    /// - Returns: `nil` where no service manager listens.
    init?(_ shell: Shell) {
        guard let address = shell.variables["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
        let manager = shell.serviceManager
        state = Mutex(State(report: ServiceReport(variables: shell.variables, processID: manager.processID)))
        clock = shell.clock
        send = { message in manager.send(message, address) }
    }

    /// The stream has brought a byte. Cheap: it is called for every turn of the socket.
    func heard() {
        let now = clock.uptime()
        state.withLock { $0.report.heard(at: now) }
    }

    /// What happened to the stream is among these.
    func take(_ events: [StreamEvent]) {
        for event in events {
            guard case .lifecycle(let lifecycle) = event.content else { continue }
            let now = clock.uptime()
            if let message = state.withLock({ $0.report.take(lifecycle, at: now) }) { send(message) }
            if lifecycle == .ready { feed() }
        }
    }

    /// The stream is over, however it ended.
    func end() {
        let message = state.withLock { state in
            state.feeding?.cancel()
            return state.report.stop()
        }
        if let message { send(message) }
    }

    /// From here on the watchdog is fed, for as long as there is reason to.
    private func feed() {
        state.withLock { state in
            guard state.feeding == nil, let interval = state.report.feedingInterval else { return }
            state.feeding = Task { [weak self, clock] in
                while !Task.isCancelled {
                    await clock.sleep(interval)
                    guard !Task.isCancelled, let self else { return }
                    let now = clock.uptime()
                    if let sign = self.state.withLock({ $0.report.sign(at: now) }) { self.send(sign) }
                }
            }
        }
    }
}
