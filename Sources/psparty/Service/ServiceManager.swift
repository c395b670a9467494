/// Access to the service manager that started this process, for example systemd.
struct ServiceManager: Sendable {
    /// The id of this process. `WATCHDOG_PID` must match it.
    var processID: Int32
    /// Sends one message to the address in `NOTIFY_SOCKET`.
    var send: @Sendable (_ message: String, _ address: String) -> Void

    /// For a process that no service manager started.
    static let none = ServiceManager(processID: 0, send: { _, _ in })
}
