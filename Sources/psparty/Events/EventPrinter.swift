import PartyCore
import PartyLive
internal import Synchronization

/// Prints the events of a stream: filters, counts, renders, and says when it has printed enough. Never waits.
final class EventPrinter: Sendable {
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

    private struct State {
        var json = JSONWriter()
        var text: [UInt8] = []
        var sequence = 0
    }

    private let manner: Manner
    private let output: LineSpool
    private let program: LineSpool?
    private let state = Mutex(State())

    /// - Parameter program: gets the printed events as well, as JSON.
    init(_ manner: Manner, output: LineSpool, program: LineSpool?) {
        self.manner = manner
        self.output = output
        self.program = program
    }

    /// How many events have been printed.
    var printed: Int { printed(state.withLock(\.sequence)) }

    /// Whether the next event is one to print.
    var hasBegun: Bool { state.withLock { $0.sequence + 1 >= manner.first } }

    private func printed(_ sequence: Int) -> Int { max(0, sequence - manner.first + 1) }

    private func isDone(_ sequence: Int) -> Bool { manner.limit.map { printed(sequence) >= $0 } ?? false }

    /// Prints what the filter admits, all in one write.
    /// - Returns: whether enough has been printed.
    func print(_ events: [StreamEvent]) -> Bool {
        state.withLock { state in
            let before = printed(state.sequence)
            var programEvents = 0
            state.json.removeAll()
            state.text.removeAll(keepingCapacity: true)
            for event in events where !isDone(state.sequence) && manner.filter.admits(event) && shows(event) {
                state.sequence += 1
                guard state.sequence >= manner.first else { continue }
                if manner.form != .json { append(event, to: &state.text) }
                if event.isEvent, manner.form == .json || program != nil {
                    EventLine(event: event, sequence: Int64(state.sequence), me: manner.filter.me).write(
                        to: &state.json)
                    programEvents += 1
                }
            }
            let json = manner.style.isTerminal ? state.json.bytes.displayedJSON : state.json.bytes
            output.put(manner.form == .json ? json : state.text, count: printed(state.sequence) - before)
            program?.put(state.json.bytes, count: programEvents)
            return isDone(state.sequence)
        }
    }

    /// What carries no event is shown only as the frame that it came in, and what came in no frame not as one.
    private func shows(_ event: StreamEvent) -> Bool {
        manner.form == .raw ? event.frame != nil : event.isEvent
    }

    private func append(_ event: StreamEvent, to text: inout [UInt8]) {
        if manner.form == .text, let line = EventText(event: event, style: manner.style).line {
            text += line.utf8
        } else if var frame = event.frame {
            if manner.style.isTerminal { frame = frame.displayedJSON }
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
