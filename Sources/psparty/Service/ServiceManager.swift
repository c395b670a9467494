/// The way to whoever started this process as a service, systemd say.
struct ServiceManager: Sendable {
    /// Our own, to tell whether a watchdog is meant for us.
    var processID: Int32
    /// Sends one message to the address in `NOTIFY_SOCKET`.
    var send: @Sendable (_ message: String, _ address: String) -> Void

    /// For who was started by nobody.
    static let none = ServiceManager(processID: 0, send: { _, _ in })
}
