import PartyCore
import PartyLive
internal import Synchronization

/// Prints the events of a stream: filters, counts and renders them, and reports when the limit is reached. Never waits.
final class EventPrinter: Sendable {
    enum Form: Sendable, Equatable {
        case text, json, raw
    }

    /// What to print, and in which form.
    struct Options: Sendable {
        var form: Form
        var filter: EventFilter
        var style: Style
        /// The maximum number of events to print.
        var limit: Int?
        /// The number of the first event to print; earlier events are only counted.
        var first = 1
        /// How hints call psparty.
        var invocation = Invocation(profile: nil, server: nil)
    }

    private struct State {
        var json = JSONWriter()
        var text: [UInt8] = []
        var sequence = 0
        var describer: EventDescriber
    }

    private let options: Options
    private let output: LineSpool
    private let program: LineSpool?
    private let state: Mutex<State>

    /// - Parameter program: also receives the printed events, as JSON.
    init(_ options: Options, output: LineSpool, program: LineSpool?) {
        self.options = options
        self.output = output
        self.program = program
        state = Mutex(State(describer: EventDescriber(me: options.filter.me, invocation: options.invocation)))
    }

    /// The number of events printed so far.
    var printed: Int { printed(state.withLock(\.sequence)) }

    /// Whether the next event is printed, not only counted.
    var hasBegun: Bool { state.withLock { $0.sequence + 1 >= options.first } }

    private func printed(_ sequence: Int) -> Int { max(0, sequence - options.first + 1) }

    private func isDone(_ sequence: Int) -> Bool { options.limit.map { printed(sequence) >= $0 } ?? false }

    /// Prints the events that pass the filter, in one write.
    /// - Returns: whether the limit is reached.
    func print(_ events: [StreamEvent]) -> Bool {
        state.withLock { state in
            let before = printed(state.sequence)
            var programEvents = 0
            state.json.removeAll()
            state.text.removeAll(keepingCapacity: true)
            for event in events {
                // An event that is not printed may contain the name of a party or member.
                let sentence = options.form == .text ? state.describer.take(event) : nil
                guard !isDone(state.sequence), options.filter.admits(event), shows(event) else { continue }
                state.sequence += 1
                guard state.sequence >= options.first else { continue }
                if options.form != .json { append(event, sentence, to: &state.text) }
                if event.isEvent, options.form == .json || program != nil {
                    EventLine(event: event, sequence: Int64(state.sequence), me: options.filter.me).write(
                        to: &state.json)
                    programEvents += 1
                }
            }
            let json = options.style.isTerminal ? state.json.bytes.displayedJSON : state.json.bytes
            output.put(options.form == .json ? json : state.text, count: printed(state.sequence) - before)
            program?.put(state.json.bytes, count: programEvents)
            return isDone(state.sequence)
        }
    }

    /// The raw form shows everything that came in a frame; the other forms show only events.
    private func shows(_ event: StreamEvent) -> Bool {
        options.form == .raw ? event.frame != nil : event.isEvent
    }

    private func append(_ event: StreamEvent, _ sentence: EventSentence?, to text: inout [UInt8]) {
        if let sentence {
            text += EventText(sentence: sentence, time: event.time, style: options.style).line.utf8
        } else if var frame = event.frame {
            if options.style.isTerminal { frame = frame.displayedJSON }
            // Line breaks in JSON occur only between values, so removing them keeps the value and makes it one line.
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
