import PartyCore

/// Prints the events of a stream: filters, counts, renders, and says when it has printed enough.
actor EventPrinter {
    enum Form: Sendable, Equatable {
        case text, json, raw
    }

    private let form: Form
    private let filter: EventFilter
    private let style: Style
    private let limit: Int?
    private let sink: LineSink
    private var json = JSONWriter()
    private(set) var printed = 0

    init(form: Form, filter: EventFilter, style: Style, limit: Int?, sink: LineSink) {
        self.form = form
        self.filter = filter
        self.style = style
        self.limit = limit
        self.sink = sink
    }

    var isDone: Bool { limit.map { printed >= $0 } ?? false }

    /// Prints what the filter admits, all in one write.
    func print(_ events: [StreamEvent]) {
        var lines: [UInt8] = []
        json.removeAll()
        for event in events where !isDone && filter.admits(event) {
            switch form {
            case .json:
                guard event.isEvent else { continue }
                append(event)
            case .text:
                guard let line = EventText(event: event, style: style).line else { continue }
                lines += line.utf8
            case .raw:
                guard let frame = event.frame else { continue }
                // JSON has line breaks only between values, so dropping them keeps the frame and makes it a line.
                let isLine = !frame.contains(0x0A) && !frame.contains(0x0D)
                lines += isLine ? frame : frame.filter { $0 != 0x0A && $0 != 0x0D }
                lines.append(0x0A)
            }
            printed += 1
        }
        sink.write(form == .json ? json.bytes : lines)
    }

    private func append(_ event: StreamEvent) {
        EventLine(event: event, sequence: Int64(printed + 1), me: filter.me).write(to: &json)
    }
}

extension StreamEvent {
    /// What is not, is shown only as the frame that it came in.
    fileprivate var isEvent: Bool {
        switch content {
        case .party, .lifecycle: true
        case .duplicate, .unknownFrame: false
        }
    }
}
