import PartyCore

/// A trace event as lines for standard error: `*` marks steps, `>` sent data, `<` received data.
struct TraceText {
    let event: TraceEvent

    /// Complete lines, escaped for a terminal.
    var text: String {
        lines.map { $0.displayed + "\n" }.joined()
    }

    private var lines: [String] {
        switch event {
        case .step(let name, let target, let outcome, let took):
            ["* \(name): \(outcome) after \(took.inMilliseconds) ms (\(target))"]
        case .note(let words):
            ["* \(words)"]
        case .request(let exchange, let line, let headers, let body):
            ([line] + headers + [body.map(Self.shown)].compactMap { $0 }).map { "\(exchange) > \($0)" }
        case .answer(let exchange, let line, let headers, let body):
            ([line] + headers + [body.map(Self.shown)].compactMap { $0 }).map { "\(exchange) < \($0)" }
        case .frameSent(let exchange, let frame):
            ["\(exchange) > \(Self.shown(frame))"]
        case .frameReceived(let exchange, let frame):
            ["\(exchange) < \(Self.shown(frame))"]
        }
    }

    /// Uses JSON escapes, so that the text stays valid JSON.
    private static func shown(_ json: String) -> String {
        String(decoding: Array(json.utf8).displayedJSON, as: UTF8.self)
    }
}

extension Trace {
    /// The trace for `-v`; `nil` without it.
    init?(verbosity: Int, console: Console) {
        guard verbosity > 0 else { return nil }
        self.init(showsWire: verbosity > 1) { event in console.errorOutput(TraceText(event: event).text) }
    }
}
