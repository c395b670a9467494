/// The one timer of an actor that runs a machine: it sleeps towards the machine's deadline and rings.
///
/// A timer that is armed for an earlier moment stays: its ring comes too soon, changes nothing, and the next deadline is
/// armed then; so a busy stream costs no timer a frame.
struct DeadlineTimer {
    private let clock: PartyClock
    private var armed: (deadline: Duration, task: Task<Void, Never>)?

    init(_ clock: PartyClock) {
        self.clock = clock
    }

    /// - Parameter deadline: of the clock's `uptime`; with `nil` there is nothing to wait for but input.
    /// - Parameter ring: called once, unless the timer is cancelled or set for an earlier moment before. It has to say
    ///   `hasRung` before it arms the timer again.
    mutating func arm(for deadline: Duration?, _ ring: @escaping @Sendable () async -> Void) {
        guard let deadline else { return }
        if let armed, armed.deadline <= deadline { return }
        armed?.task.cancel()
        let wait = max(.zero, deadline - clock.uptime())
        let task = Task { [clock] in
            await clock.sleep(wait)
            guard !Task.isCancelled else { return }
            await ring()
        }
        armed = (deadline, task)
    }

    mutating func hasRung() {
        armed = nil
    }

    func cancel() {
        armed?.task.cancel()
    }
}
