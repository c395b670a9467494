import PartyCore
import Synchronization

/// Reports the state of a stream to the service manager: ready, status, watchdog, stopping.
final class ServiceNotifier: Sendable {
    private struct State {
        var report: ServiceReport
        var watchdogTask: Task<Void, Never>?
    }

    private let state: Mutex<State>
    private let clock: PartyClock
    private let send: @Sendable (String) -> Void

    /// - Returns: `nil` if `NOTIFY_SOCKET` is not set.
    init?(_ environment: CommandEnvironment) {
        guard let address = environment.variables["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
        let manager = environment.serviceManager
        state = Mutex(State(report: ServiceReport(variables: environment.variables, processID: manager.processID)))
        clock = environment.clock
        send = { message in manager.send(message, address) }
    }

    /// Records that the stream received bytes. Cheap: called for every read of the socket.
    func noteActivity() {
        let now = clock.uptime()
        state.withLock { $0.report.noteActivity(at: now) }
    }

    /// Sends messages for the lifecycle events among these events.
    func take(_ events: [StreamEvent]) {
        for event in events {
            guard case .lifecycle(let lifecycle) = event.content else { continue }
            let now = clock.uptime()
            if let message = state.withLock({ $0.report.take(lifecycle, at: now) }) { send(message) }
            if lifecycle == .ready { startWatchdog() }
        }
    }

    /// Reports the end of the stream, for any reason.
    func end() {
        let message = state.withLock { state in
            state.watchdogTask?.cancel()
            return state.report.stop()
        }
        if let message { send(message) }
    }

    /// Starts sending watchdog messages, as long as the stream is healthy.
    private func startWatchdog() {
        state.withLock { state in
            guard state.watchdogTask == nil, let interval = state.report.watchdogInterval else { return }
            state.watchdogTask = Task { [weak self, clock] in
                while !Task.isCancelled {
                    await clock.sleep(interval)
                    guard !Task.isCancelled, let self else { return }
                    let now = clock.uptime()
                    if let watchdogMessage = self.state.withLock({ $0.report.watchdogMessage(at: now) }) {
                        self.send(watchdogMessage)
                    }
                }
            }
        }
    }
}
