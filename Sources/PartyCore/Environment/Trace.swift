/// Reports what the library does, step by step. Without a trace nothing is prepared for one.
public struct Trace: Sendable {
    /// Whether requests, responses and push frames are reported in full, without secrets. Otherwise only steps are.
    public let showsWire: Bool
    /// Receives each event, in order, from any thread; it must not block.
    public let tell: @Sendable (TraceEvent) -> Void

    /// A trace that reports to `tell`.
    public init(showsWire: Bool, tell: @escaping @Sendable (TraceEvent) -> Void) {
        self.showsWire = showsWire
        self.tell = tell
    }
}

/// One step of the library. It contains no secret, so it can be shown as it is.
public enum TraceEvent: Sendable, Equatable {
    /// A step has ended: its name as in errors, the target, the outcome, and how long it took.
    case step(name: String, target: String, outcome: String, took: Duration)
    /// Something without a request: a wait, or a stream that became ready.
    case note(String)
    /// A request. Exchanges are numbered, because several may run at the same time.
    case request(exchange: Int, line: String, headers: [String], body: String?)
    /// The response to the request with the same number.
    case answer(exchange: Int, line: String, headers: [String], body: String?)
    /// A frame that went out on the push connection with this number.
    case frameSent(exchange: Int, String)
    /// A frame that came in on the push connection with this number.
    case frameReceived(exchange: Int, String)
}
