import PartyCore

/// Prints the events of a stream: filters, counts, renders, and says when it has printed enough.
actor EventPrinter {
    enum Form: Sendable, Equatable {
        case text, json, raw
    }

    /// What is printed, and how.
    struct Manner: Sendable {
        var form: Form
        var filter: EventFilter
        var style: Style
        /// How many events are printed at most.
        var limit: Int?
        /// The number of the first event that is printed; those before it are only counted.
        var first = 1
    }

    private let manner: Manner
    private let output: LineSpool
    private let program: LineSpool?
    private var json = JSONWriter()
    private var text: [UInt8] = []
    private var sequence = 0

    /// - Parameter program: gets the printed events as well, as JSON.
    init(_ manner: Manner, output: LineSpool, program: LineSpool?) {
        self.manner = manner
        self.output = output
        self.program = program
    }

    /// How many events have been printed.
    var printed: Int { max(0, sequence - manner.first + 1) }

    private var isDone: Bool { manner.limit.map { printed >= $0 } ?? false }

    /// Whether the next event is one to print.
    var hasBegun: Bool { sequence + 1 >= manner.first }

    /// Prints what the filter admits, all in one write.
    /// - Returns: whether enough has been printed.
    func print(_ events: [StreamEvent]) -> Bool {
        let before = printed
        var programEvents = 0
        json.removeAll()
        text.removeAll(keepingCapacity: true)
        for event in events where !isDone && manner.filter.admits(event) && shows(event) {
            sequence += 1
            guard sequence >= manner.first else { continue }
            if manner.form != .json { appendText(event) }
            if event.isEvent, manner.form == .json || program != nil {
                EventLine(event: event, sequence: Int64(sequence), me: manner.filter.me).write(to: &json)
                programEvents += 1
            }
        }
        output.put(manner.form == .json ? json.bytes : text, count: printed - before)
        program?.put(json.bytes, count: programEvents)
        return isDone
    }

    /// What carries no event is shown only as the frame that it came in, and what came in no frame not as one.
    private func shows(_ event: StreamEvent) -> Bool {
        manner.form == .raw ? event.frame != nil : event.isEvent
    }

    private func appendText(_ event: StreamEvent) {
        if manner.form == .text, let line = EventText(event: event, style: manner.style).line {
            text += line.utf8
        } else if let frame = event.frame {
            // JSON has line breaks only between values, so dropping them keeps the frame and makes it a line.
            text += frame[...].hasLineBreak ? frame.filter { $0 != 0x0A && $0 != 0x0D } : frame
            text.append(0x0A)
        }
    }
}

extension StreamEvent {
    fileprivate var isEvent: Bool {
        switch content {
        case .party, .lifecycle: true
        case .duplicate, .unknownFrame: false
        }
    }
}
