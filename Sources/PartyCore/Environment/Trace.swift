/// Who is told what psparty does, step by step; by default nobody is, and nothing is made ready to be told.
public struct Trace: Sendable {
    /// Whether requests, answers and push frames are told as they were, secrets taken out; else only that they happened.
    public let showsWire: Bool
    /// Receives each event, in order, from any thread; it must not block.
    public let tell: @Sendable (TraceEvent) -> Void

    /// A trace that reports to `tell`.
    public init(showsWire: Bool, tell: @escaping @Sendable (TraceEvent) -> Void) {
        self.showsWire = showsWire
        self.tell = tell
    }
}

/// One thing psparty did. The secrets were taken out before it was made, so whoever shows it cannot leak them.
public enum TraceEvent: Sendable, Equatable {
    /// A step is over: its name in the words of error messages, what was asked, what came of it.
    case step(name: String, target: String, outcome: String, took: Duration)
    /// Something that took no request: a wait, a stream that is ready.
    case note(String)
    /// Exchanges are numbered, for several may be under way.
    case request(exchange: Int, line: String, headers: [String], body: String?)
    /// The response to the request with the same number.
    case answer(exchange: Int, line: String, headers: [String], body: String?)
    /// A frame that went out on the push connection with this number.
    case frameSent(exchange: Int, String)
    /// A frame that came in on the push connection with this number.
    case frameReceived(exchange: Int, String)
}
